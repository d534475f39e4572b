"""All checks of one catalogue."""

from collections.abc import Iterator
from pathlib import Path

from engine.catalogue.built import load_built
from engine.catalogue.checks.examples import check_examples
from engine.catalogue.checks.marks import check_marks
from engine.catalogue.checks.names import check_names
from engine.catalogue.checks.remark import Remark, Topic
from engine.catalogue.errors import BuiltUnusable
from engine.catalogue.marks import read_marks
from engine.catalogue.pictures import Drawer
from engine.observer import Observer
from policies.built import built_path, difference
from policies.canonical import digest_of_bytes
from policies.catalogue import Catalogue


def check(catalogue: Catalogue, file: Path, observer: Observer) -> list[Remark]:
    """Return every remark, errors first, in the catalogue's order of entries.

    Nothing is written and nothing is learned. Raises `CatalogueError` where marks can't be drawn.
    """
    remarks = [*_each(catalogue, file, observer)]
    places = {entry.name: place for place, entry in enumerate(catalogue.entries)}
    # Stable: within an entry they stay as they came.
    return sorted(remarks, key=lambda r: (not r.error, places.get(r.entry, -1)))


def _each(catalogue: Catalogue, file: Path, observer: Observer) -> Iterator[Remark]:
    yield from check_names(catalogue)
    marks = sum(len(brand.marks) for brand in catalogue.brands)
    if marks:
        observer.stage("read the marks", marks)
        with Drawer() as drawer:
            read = read_marks(catalogue, file.parent, drawer, observer.step)
        for problem in read.problems:
            sentence = f"{problem.file} {problem.flaw.value}"
            yield Remark(Topic.PICTURE, problem.entry, sentence, error=True)
        observer.stage("look at the marks", len(read.marks))
        yield from check_marks(read, observer.step)
    examples = sum(len(set(scene.examples)) for scene in catalogue.scenes)
    if examples:
        observer.stage("look at the examples", examples)
        yield from check_examples(catalogue, file.parent, observer.step)
    yield from _built(catalogue, file)


def _built(catalogue: Catalogue, file: Path) -> Iterator[Remark]:
    path = built_path(file)
    build = "run `crowdlens catalogue build`"
    if not catalogue.files:
        return
    if not path.exists():
        yield Remark(Topic.BUILT, "", f"nothing is built from its pictures yet: {build}")
        return
    try:
        built = load_built(path, digest_of_bytes(path.read_bytes()))
    except (BuiltUnusable, OSError) as error:
        why = str(error) if isinstance(error, BuiltUnusable) else f"{path.name} can't be read"
        yield Remark(Topic.BUILT, "", f"{why}: {build}", error=True)
        return
    if wrong := difference(built.record, catalogue, file.parent):
        sentence = f"{path.name} is out of date, since {wrong}: {build}"
        yield Remark(Topic.BUILT, "", sentence, error=True)
