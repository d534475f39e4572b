"""What was learned from a catalogue's pictures: one file beside it, named by its digest.

The file is safetensors, whose header says which catalogue it was built from and the digest of
every picture. Here it is only held against the policy, the catalogue and the pictures; what the
numbers mean is the engine's affair.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, BinaryIO, Final, Literal

from pydantic import Field, ValidationError

from policies.catalogue import Catalogue
from policies.errors import PolicyRefuses
from policies.fields import Digest, Part
from policies.safetensors_header import HeaderUnreadable, read_header

ENDING: Final = ".built.safetensors"
SCHEMA: Final = "crowdlens-built/v1"

_BUILD = "Run `crowdlens catalogue build`, write the digest it prints, and have it approved."


class BuiltRecord(Part):
    """What a built file says of itself."""

    version_of_schema: Annotated[Literal["crowdlens-built/v1"], Field(alias="schema")]
    catalogue: Digest
    """Digest of the catalogue that it was built from."""
    files: dict[str, Digest]
    """Digest of every picture that it was built from, by the path in the catalogue."""
    brands: list[str]
    """Labels of the brands that have marks, sorted: what the arrays count through."""
    scenes: list[str]
    """Labels of the taught scenes, sorted."""
    models: dict[str, Digest]
    """The nets whose features the numbers are about."""
    embedding: Digest | None = None
    """The net that the scenes were taught with, where it is another than the one that ships."""


@dataclass(frozen=True)
class BuiltFile:
    """A built file that was found to be the one that the policy names."""

    path: Path
    digest: str


class BuiltUnreadable(Exception):
    """No built file of ours; says what is wrong with it."""


def built_path(catalogue: Path) -> Path:
    """Return where the built file of a catalogue lies: beside it."""
    return catalogue.with_name(catalogue.stem + ENDING)


def read_record(file: BinaryIO) -> BuiltRecord:
    """Return what the file says of itself; raises `BuiltUnreadable`. Reads the header alone."""
    try:
        told, _ = read_header(file)
    except HeaderUnreadable as error:
        raise BuiltUnreadable(str(error)) from None
    try:
        return BuiltRecord.model_validate(told)
    except ValidationError:
        raise BuiltUnreadable("it was built by another version of Crowdlens") from None


def require_built(catalogue: Catalogue, file: Path, named: str | None) -> BuiltFile | None:
    """Return the built file beside the catalogue `file`, once it is what the policy names.

    Raises `PolicyRefuses`: PL-CAT-005 where the policy names none and the catalogue has pictures,
    PL-CAT-006 where it is not there or is another, PL-CAT-007 where it was built from something
    else than this catalogue and the pictures that lie beside it.
    """
    if named is None:
        if catalogue.files:
            raise PolicyRefuses(
                "PL-CAT-005",
                f"{file.name} has marks or examples, and the policy names nothing built from them",
                hint=f"{_BUILD} It goes beside the catalogue's digest, as built: sha256:...",
            )
        return None
    path = built_path(file)
    try:
        with path.open("rb") as opened:
            found = "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest()
            opened.seek(0)
            record = read_record(opened) if found == named else None
    except OSError:
        raise PolicyRefuses(
            "PL-CAT-006", f"{path.name} is missing or can't be read", hint=_BUILD
        ) from None
    except BuiltUnreadable as error:
        raise PolicyRefuses("PL-CAT-007", f"{path.name}: {error}", hint=_BUILD) from None
    if record is None:
        raise PolicyRefuses(
            "PL-CAT-006",
            f"{path.name} is not the built file that the policy names",
            hint=f"If the change is meant, write built: {found} and have it approved.",
        )
    if wrong := difference(record, catalogue, file.parent):
        raise PolicyRefuses("PL-CAT-007", f"{path.name} is out of date: {wrong}", hint=_BUILD)
    return BuiltFile(path, found)


def require_fresh(catalogue: Catalogue, file: Path) -> BuiltFile | None:
    """Return the built file beside the catalogue `file`, whatever a policy says of it.

    For evaluations. Raises as `require_built`; None where the catalogue has no pictures.
    """
    if not catalogue.files:
        return None
    path = built_path(file)
    try:
        with path.open("rb") as opened:
            named = "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest()
    except OSError:
        raise PolicyRefuses(
            "PL-CAT-006",
            f"{path.name} is missing or can't be read",
            hint="Run `crowdlens catalogue build` first.",
        ) from None
    return require_built(catalogue, file, named)


def difference(record: BuiltRecord, catalogue: Catalogue, folder: Path) -> str | None:
    """Say what differs between what was built from and what is there now; None where nothing."""
    if record.catalogue != catalogue.digest:
        return "it was built from another catalogue"
    now = digests_of(catalogue, folder)
    for entry in catalogue.entries:
        for name in entry.files:
            if now[name] is None:
                return f"{name} of {entry.name!r} is missing or can't be read"
            if now[name] != record.files.get(name):
                return f"{name} of {entry.name!r} is another picture than it was built from"
    return None


def digests_of(catalogue: Catalogue, folder: Path) -> Mapping[str, str | None]:
    """Return the digest of every picture, by its path; None for one that can't be read."""
    return {name: _digest(folder, name) for name in catalogue.files}


def _digest(folder: Path, name: str) -> str | None:
    path = folder / name
    try:
        # A link could lead to any file of the machine, and its digest would be told.
        if not path.resolve().is_relative_to(folder.resolve()) or not path.is_file():
            return None
        with path.open("rb") as opened:
            return "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest()
    except (OSError, RuntimeError, ValueError):
        return None
