"""Which source a path is, by what is there: never by what somebody says that it is."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Final

from engine.sources.admission import EVERYBODY, Admission
from engine.sources.countries import Countries
from engine.sources.errors import SourceUnusable
from engine.sources.export import Export
from engine.sources.folder import FolderSource
from engine.sources.identities import Persons
from engine.sources.instagram import InstagramSource
from engine.sources.interface import Source, SourcePhoto
from engine.sources.manifest import NAMES
from engine.sources.places import FolderPlace, Place
from engine.sources.tumblr import TumblrSource
from engine.sources.x import XSource
from engine.sources.zips import open_zip

KINDS: Final[tuple[type[Export], ...]] = (InstagramSource, XSource, TumblrSource)
_NOT_COUNTED: Final = frozenset({"__MACOSX", "desktop.ini", "Thumbs.db"})
"""What operating systems leave lying about."""
_HINT: Final = (
    "Give a directory with photos.csv, an export of Instagram, X or Tumblr (a folder or a zip), or "
    "a directory of such exports; see docs/sources.md."
)


def find_source(path: Path) -> Source:
    """Return the source at a path: a manifest's folder, an export, or a directory of exports.

    Raises `SourceUnusable` where there is none, or where it can't be told which one.
    """
    if path.is_file() and path.suffix.lower() == ".zip":
        return _export_in(open_zip(path))
    if not path.exists():
        raise SourceUnusable(
            "there is nothing at the source's path", hint=f"Check the path. {_HINT}"
        )
    if not path.is_dir():
        raise SourceUnusable("the source is not a directory, and no zip", hint=_HINT)
    place = FolderPlace(path)
    kinds = _kinds(place)
    if any((path / name).is_file() for name in NAMES):
        if kinds or any(_is_export(file) for file in _entries(path)):
            raise _several()
        return FolderSource(path)
    if kinds:
        return _export_in(place)
    return _exports_in(path, place)


class Exports:
    """Several exports, of one account each or of more, of one platform or of several.

    Each is opened, read and closed before the next, so that memory holds the photos of the days
    that are wanted and one export.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = tuple(paths)

    def photos(
        self,
        first: date,
        last: date,
        key: bytes,
        persons: Persons | None = None,
        *,
        hashtags: bool = False,
        admission: Admission = EVERYBODY,
        countries: Countries | None = None,
    ) -> tuple[SourcePhoto, ...]:
        """Return the photos of all; raises `SourceUnusable` where one of them can't be read."""
        found: list[SourcePhoto] = []
        for number, path in enumerate(self.paths):
            with self._told(number):
                photos = _export_in(_place(path)).photos(
                    *(first, last, key, persons),
                    hashtags=hashtags,
                    admission=admission,
                    countries=countries,
                )
            # Two exports may call two photos the same.
            found += [replace(photo, path=f"{path.name}/{photo.path}") for photo in photos]
        return tuple(found)

    def lacks(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of the paths, each below its export's name, that none of them has."""
        left = frozenset(paths)
        for number, path in enumerate(self.paths):
            start = f"{path.name}/"
            own = {name.removeprefix(start) for name in left if name.startswith(start)}
            if own:
                with self._told(number):
                    lacking = _export_in(_place(path)).lacks(own)
                left -= {start + name for name in own - lacking}
        return left

    @contextmanager
    def _told(self, number: int) -> Iterator[None]:
        """Name the export, by its number, in what it raises."""
        try:
            yield
        except SourceUnusable as error:
            raise SourceUnusable(
                f"entry {number + 1} of {len(self.paths)}, by name: {error}", hint=error.hint
            ) from None


class SourceAt:
    """Whatever source is at a path, looked for when its photos are asked for and no sooner."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def photos(
        self,
        first: date,
        last: date,
        key: bytes,
        persons: Persons | None = None,
        *,
        hashtags: bool = False,
        admission: Admission = EVERYBODY,
        countries: Countries | None = None,
    ) -> tuple[SourcePhoto, ...]:
        """Return the photos of the source that is there; raises `SourceUnusable`."""
        return find_source(self.path).photos(
            *(first, last, key, persons),
            hashtags=hashtags,
            admission=admission,
            countries=countries,
        )

    def lacks(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of the paths that the source has no photo at; raises `SourceUnusable`."""
        return find_source(self.path).lacks(paths)


def _exports_in(path: Path, place: FolderPlace) -> Source:
    """Return the exports that lie in a directory, by name; raises `SourceUnusable` for none."""
    zips = any(name.lower().endswith(".zip") for name in place.files())
    folders = (place.under(name) for name in place.folders() if _counts(name))
    if not zips and not any(_kinds(_inner(folder)) for folder in folders):
        raise SourceUnusable("the source has no manifest, and no export that is known", hint=_HINT)
    # INVARIANT: all that lies there is read or refused; an export is never passed over unseen.
    return Exports(_entries(path))


def _entries(path: Path) -> list[Path]:
    return sorted(file for file in path.iterdir() if _counts(file.name))


def _is_export(path: Path) -> bool:
    try:
        return bool(_kinds(_inner(_place(path))))
    except SourceUnusable:
        return False


def _place(path: Path) -> Place:
    """Return the place that an entry of a directory is; raises `SourceUnusable` for none."""
    packed = path.suffix.lower() == ".zip" and path.is_file()
    if path.is_symlink() or not (packed or path.is_dir()):
        raise SourceUnusable(
            "it is neither a folder nor a zip",
            hint="Take out of the directory what is no export; links are not followed.",
        )
    return open_zip(path) if packed else FolderPlace(path)


def _export_in(place: Place) -> Source:
    inner = _inner(place)
    kinds = _kinds(inner)
    if len(kinds) > 1:
        raise _several()
    if not kinds:
        raise SourceUnusable("there is no export that is known", hint=_HINT)
    return kinds[0](inner)


def _inner(place: Place) -> Place:
    """Return where the export lies: here, or in the only folder that is here."""
    folders = [name for name in place.folders() if _counts(name)]
    return place.under(folders[0]) if not _kinds(place) and len(folders) == 1 else place


def _kinds(place: Place) -> list[type[Export]]:
    return [kind for kind in KINDS if kind.recognises(place)]


def _counts(name: str) -> bool:
    return not name.startswith(".") and name not in _NOT_COUNTED


def _several() -> SourceUnusable:
    return SourceUnusable(
        "the source is of more than one kind", hint="Give each export a folder of its own."
    )
