"""Heads that a training gave: small recognisers beside the policy, each named by its digest.

A head is one table of numbers and what it says of itself: which labels it tells, by which nets'
eyes, and under which promise it was trained. Here it is held against the policy and its catalogue;
what the numbers mean is the engine's affair.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import Field, StringConstraints, ValidationError

from policies.errors import PolicyRefuses
from policies.fields import Digest, Id, Part, StatisticId
from policies.recognition_choices import NamedHead
from policies.safetensors_header import HeaderUnreadable, read_header

SCHEMA: Final = "crowdlens-head/v1"
TABLE: Final = "weights"
"""The name of the one table: a row for each label, and one for 'none of these'."""
MOST_NUMBERS: Final = 8192
"""Numbers in a row, at most."""

Decimal = Annotated[str, StringConstraints(pattern=r"^(0|[1-9][0-9]*)(\.[0-9]+)?(e-[1-9][0-9]?)?$")]


class HeadCost(Part):
    """What the training cost the dataset: epsilon, or rho, and delta beside it."""

    epsilon: Decimal | None = None
    rho: Decimal | None = None
    delta: Decimal


class HeadTraining(Part):
    """How the head was trained."""

    steps: Annotated[int, Field(ge=1)]
    sampling_rate: Decimal
    noise: Decimal
    clip: Decimal
    contributors: Annotated[int, Field(ge=1)]
    """The public guess that scaled the steps; never their number."""
    photos_per_contributor: Annotated[int, Field(ge=1)]


class HeadRecord(Part):
    """What a head says of itself."""

    version_of_schema: Annotated[Literal["crowdlens-head/v1"], Field(alias="schema")]
    id: StatisticId
    kind: Literal["brand", "scene", "interest"]
    labels: Annotated[list[str], Field(min_length=1)]
    """Sorted; the table's rows are theirs, and the last one is for 'none of these'."""
    numbers: Annotated[int, Field(ge=1, le=MOST_NUMBERS)]
    """Numbers in a row."""
    sharpness: Decimal
    """What products of a row and an embedding are multiplied by before they are made odds."""
    nets: Annotated[dict[str, Digest], Field(min_length=1)]
    """By file name, whatever the embedding follows from."""
    dataset: Id
    policy: Digest
    """Of the policy that it was trained under."""
    unit: Literal["contributor"]
    accounts_of_one_person: Annotated[int, Field(ge=1)]
    cost: HeadCost
    training: HeadTraining


@dataclass(frozen=True)
class HeadFile:
    """A head that was found to be one that the policy names, and to suit it."""

    path: Path
    digest: str
    record: HeadRecord


class HeadUnreadable(Exception):
    """No head of ours; says what is wrong with it."""


class HeadDiffers(Exception):
    """Another file than was named; its text is the file's digest."""


def read_head_record(path: Path, named: str | None = None) -> tuple[HeadRecord, str]:
    """Return what a head says of itself, and its digest; reads no number.

    Raises `HeadDiffers` for another digest than is named, `HeadUnreadable` for a file that is no
    head, or whose table has another shape than it says; `OSError` where it can't be read.
    """
    with path.open("rb") as opened:
        digest = "sha256:" + hashlib.file_digest(opened, "sha256").hexdigest()
        # INVARIANT: nothing of a file is interpreted before its digest is the one that was named.
        if named not in (None, digest):
            raise HeadDiffers(digest)
        size = opened.tell()
        opened.seek(0)
        try:
            told, tables = read_header(opened)
        except HeaderUnreadable as error:
            raise HeadUnreadable(str(error)) from None
        behind = size - opened.tell()
    try:
        record = HeadRecord.model_validate(told)
    except ValidationError:
        raise HeadUnreadable("it is no head, or one of another version of Crowdlens") from None
    if record.labels != sorted(set(record.labels)):
        raise HeadUnreadable("its labels are not in order")
    if tables != _tables_of(record) or behind != 4 * (len(record.labels) + 1) * record.numbers:
        raise HeadUnreadable("its table has another shape than its labels ask for")
    return record, digest


def require_heads(
    named: list[NamedHead], policy: Path, labels: dict[str, tuple[str, ...]]
) -> tuple[HeadFile, ...]:
    """Return the heads beside the policy, once each is what the policy names and suits it.

    `labels` are those that the policy names, by kind. Raises `PolicyRefuses`: PL-HEAD-001 for one
    that is not there or is another, PL-HEAD-002 for one that can't be read, PL-HEAD-003 for one
    that tells labels which the policy does not name, PL-HEAD-004 for two that tell the same.
    """
    heads = tuple(_required(head, policy.parent / head.file, labels) for head in named)
    told: set[tuple[str, str]] = set()
    for head in heads:
        own = {(head.record.kind, label) for label in head.record.labels}
        if told & own:
            raise PolicyRefuses(
                "PL-HEAD-004",
                f"{head.path.name} and a head before it both tell {min(told & own)[1]!r}",
                hint="Name one head for each label.",
            )
        told |= own
    return heads


def head_for(path: Path, labels: dict[str, tuple[str, ...]]) -> HeadFile:
    """Return a head as it is now, for an evaluation of these labels.

    Raises `PolicyRefuses`: PL-HEAD-001, PL-HEAD-002 and PL-HEAD-003 as `require_heads`.
    """
    record, digest = _read(path)
    _require_own_labels(record, path.name, labels)
    return HeadFile(path, digest, record)


def _required(named: NamedHead, path: Path, labels: dict[str, tuple[str, ...]]) -> HeadFile:
    record, digest = _read(path, named.digest)
    _require_own_labels(record, named.file, labels)
    return HeadFile(path, digest, record)


def _read(path: Path, named: str | None = None) -> tuple[HeadRecord, str]:
    try:
        return read_head_record(path, named)
    except HeadDiffers as digest:
        raise PolicyRefuses(
            "PL-HEAD-001",
            f"{path.name} is not the head that the policy names",
            hint=f"If the change is meant, write digest: {digest} and have it approved.",
        ) from None
    except OSError:
        raise PolicyRefuses(
            "PL-HEAD-001",
            f"the head {path.name} is missing or can't be read",
            hint="It is the model.safetensors of a training's --out, beside the policy.",
        ) from None
    except HeadUnreadable as error:
        raise PolicyRefuses(
            "PL-HEAD-002",
            f"the head {path.name} can't be used: {error}",
            hint="Take the file as `crowdlens train` published it.",
        ) from None


def _require_own_labels(
    record: HeadRecord, called: str, labels: dict[str, tuple[str, ...]]
) -> None:
    """Raise `PolicyRefuses` (PL-HEAD-003) where a head tells what nobody names."""
    strange = set(record.labels) - set(labels.get(record.kind, ()))
    if strange:
        raise PolicyRefuses(
            "PL-HEAD-003",
            f"the head {called} tells the {record.kind} {min(strange)!r}, which is not named here",
            hint="Name the label too, or use a head that was trained for these labels.",
        )


def _tables_of(record: HeadRecord) -> dict[str, Any]:
    rows, size = len(record.labels) + 1, record.numbers
    return {TABLE: {"dtype": "F32", "shape": [rows, size], "data_offsets": [0, 4 * rows * size]}}
