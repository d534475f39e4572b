"""The folder source: a directory with a manifest and photos."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any

from engine.sources.admission import EVERYBODY, Admission, consents
from engine.sources.contributor import canonical_contributor, contributor_key
from engine.sources.countries import Countries, Country
from engine.sources.errors import SourceUnusable
from engine.sources.files import PathFile
from engine.sources.hashtags import hashtags_of
from engine.sources.identities import Persons
from engine.sources.interface import SourcePhoto
from engine.sources.manifest import COORDINATES, find_manifest, parse_taken_at, read_manifest


class FolderSource:
    """Photos in a directory, one manifest row each."""

    def __init__(self, root: Path) -> None:
        self.root = root

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
        """Return the photos taken from the first day to the last by a contributor who is named.

        A row whose contributor stays out is passed over before anything else of it is looked at.
        So is a row whose consent says anything but yes, whether the policy asks for it or not.

        Each row is checked, and kept or dropped, by itself alone. The day is that of the date as
        written, in the photo's own time zone. Raises `SourceUnusable` for a row whose path leaves
        the directory or whose date is none, naming the row's number and nothing else, and for a
        manifest without consent where that is asked for. With `countries` the region is the one
        that a row's coordinates lie in, and the column `region` is not asked.
        """
        manifest = find_manifest(self.root)
        root = self.root.resolve()
        kept = []
        rows = read_manifest(manifest)
        asks = "consent" in rows.columns
        if admission.consent and not asks:
            raise SourceUnusable(
                f"the policy asks for consent, and {manifest.name} has no column consent",
                hint="Add the column consent; only rows that say yes are read.",
            )
        for number, row in enumerate(rows.iter_rows(named=True), start=1):
            contributor = canonical_contributor(row["contributor"])
            # INVARIANT: who stays out is told by the account and the consent alone.
            if asks and not consents(row["consent"]):
                continue
            if contributor is not None and not admission.admits(contributor, persons):
                continue
            file = inside(root, row["path"])
            if file is None:
                raise SourceUnusable(
                    f"{manifest.name}, row {number}: the path does not stay inside the directory",
                    hint="Paths are relative to the manifest and never climb out.",
                )
            taken = parse_taken_at(row["taken_at"])
            if taken is None:
                raise SourceUnusable(
                    f"{manifest.name}, row {number}: taken_at is not an ISO 8601 date",
                    hint="Write it like 2026-06-01 or 2026-06-01T12:30:00Z.",
                )
            if contributor is None or not first <= taken.date() <= last:
                continue
            kept.append(
                SourcePhoto(
                    PathFile(file),
                    contributor_key((persons or {}).get(contributor, contributor), key),
                    taken.date(),
                    row["region"] if countries is None else _country(row, countries),
                    row["platform"],
                    hashtags_of(row["hashtags"]) if hashtags else (),
                    admission.mark(contributor, row["path"], taken.date()),
                    plain_path(row["path"]),
                )
            )
        return tuple(kept)

    def lacks(self, paths: Iterable[str]) -> frozenset[str]:
        """Return those of the paths that no row of the manifest has; raises `SourceUnusable`."""
        rows = read_manifest(find_manifest(self.root))
        return frozenset(paths) - {plain_path(path) for path in rows["path"] if path}


def _country(row: dict[str, Any], countries: Countries) -> Country | None:
    latitude, longitude = (row[name] for name in COORDINATES)
    return countries.of(latitude, longitude)


def plain_path(path: str) -> str:
    """Return a POSIX path without what does not lead anywhere: `./a.jpg` is `a.jpg`."""
    return PurePosixPath(path).as_posix()


def inside(root: Path, path: str | None) -> Path | None:
    """Return the file inside the resolved root; None for a path that leaves it, or by a link."""
    if not path or "\0" in path or "\\" in path:
        return None
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or PureWindowsPath(path).drive:
        return None
    try:
        file = (root / pure).resolve()
    except (OSError, RuntimeError):
        return None
    return file if file.is_relative_to(root) and file != root else None
