"""The sightings of a photo are the same whatever else is in the batch, on one worker or two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from engine.catalogue.adding import Wanted, add
from engine.catalogue.build import build
from engine.observer import Silence
from engine.photo_job import Looked, PhotoJob
from engine.recognition import RecognitionRules
from engine.recognition.rules import BuiltPlace
from engine.sources import SourcePhoto
from engine.sources.files import PathFile
from engine.workers import LocalWorkers
from policies.tags import INTERESTS, OBJECTS, SCENES
from redaction import RedactionRules

pytestmark = pytest.mark.models


def mark_of(side: int) -> Image.Image:
    """Something with detail, no letters and no face: a cup of coffee."""
    return Image.fromarray(data.coffee()[60:340, 150:450]).resize((side, side))


@dataclass(frozen=True)
class _Place:
    folder: Path

    @cached_property
    def photos(self) -> list[SourcePhoto]:
        rocket = Image.fromarray(data.rocket())
        marked = rocket.copy()
        marked.paste(mark_of(190), (40, 60))
        pictures = [marked, rocket, Image.fromarray(data.chelsea())]
        found = []
        for at, picture in enumerate(pictures):
            file = self.folder / f"{at}.png"
            picture.save(file)
            found.append(SourcePhoto(PathFile(file), "c", date(2026, 6, 1)))
        return found

    @cached_property
    def job(self) -> PhotoJob:
        mark = self.folder / "mark.png"
        mark_of(240).save(mark)
        file = self.folder / "catalogue.yaml"
        catalogue = add(file, Wanted("Cupful", marks=[mark])).catalogue
        built = build(file, LocalWorkers(1), Silence())
        assert built is not None
        wanted = {
            "brand": frozenset(catalogue.labels),
            "scene": frozenset(SCENES),
            "object": frozenset(OBJECTS),
            "interest": frozenset(INTERESTS),
        }
        least = dict.fromkeys(wanted, 0.2)
        place = BuiltPlace(built.path, built.digest)
        rules = RecognitionRules(catalogue.lexicon, wanted, least=least, built=place)
        return PhotoJob(RedactionRules(lexicon=catalogue.lexicon), rules)


def sightings(job: PhotoJob, photos: Sequence[SourcePhoto], workers: int) -> list[bytes]:
    return [repr(seen).encode() for seen in LocalWorkers(workers).map(job, photos, lambda: None)]


def test_a_photo_shows_the_same_in_any_company(tmp_path: Path) -> None:
    place = _Place(tmp_path)
    alone = [sightings(place.job, [photo], 1)[0] for photo in place.photos]
    assert len(set(alone)) == len(alone)
    assert b"Cupful" in alone[0]
    assert b"Cupful" not in alone[1] + alone[2]
    order = [2, 0, 1, 0, 2, 1]
    together = sightings(place.job, [place.photos[at] for at in order], 2)
    assert together == [alone[at] for at in order]


def test_scores_do_not_depend_on_what_was_seen_before(tmp_path: Path) -> None:
    place = _Place(tmp_path)
    job = place.job
    job.prepare()
    first = [job(photo) for photo in place.photos]
    assert [job(photo) for photo in reversed(place.photos)] == first[::-1]
    assert all(isinstance(seen, Looked) for seen in first)
