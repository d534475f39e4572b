"""An opt-out list as a file: whom it is for, when it was last brought up to date, and keyed marks.

It holds no account in clear: each stands as HMAC-SHA256 of its canonical id under the dataset's own
key, so that nobody without the key can ask whether an account is in it. A seal under another key
covers every byte, the date included. The text has one spelling.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from engine.optouts.errors import OptOutKeyUntrusted, OptOutsUnusable
from engine.optouts.secret import Secret
from policies.canonical import canonical_json
from policies.fields import Id

SCHEMA: Final = "crowdlens-optouts/v1"
_ID: Final[TypeAdapter[str]] = TypeAdapter(Id)
_Hex = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ListFile(BaseModel):
    """What the file says; whether it is to be believed, only the key can tell."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, strict=True, hide_input_in_errors=True, populate_by_name=True
    )

    version_of_schema: Annotated[Literal["crowdlens-optouts/v1"], Field(alias="schema")]
    dataset: Id
    updated: Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    check: _Hex
    """Tells whether a key is this list's."""
    accounts: list[_Hex]
    """Marks, sorted, each once."""
    seal: _Hex

    @field_validator("updated")
    @classmethod
    def _is_a_date(cls, text: str) -> str:
        date.fromisoformat(text)
        return text

    @field_validator("accounts")
    @classmethod
    def _sorted_once(cls, marks: list[str]) -> list[str]:
        if any(a >= b for a, b in pairwise(marks)):
            raise ValueError("not sorted")
        return marks

    @property
    def day(self) -> date:
        """The UTC date on which the list was last brought up to date."""
        return date.fromisoformat(self.updated)


@dataclass(frozen=True)
class OptOutList:
    """A list that its key opens. Knows its members: `canonical_id in optouts`."""

    dataset: str
    updated: date
    marks: frozenset[str] = field(repr=False)
    secret: Secret = field(repr=False)

    @classmethod
    def empty(cls, dataset: str, today: date, secret: Secret) -> Self:
        """Return a list of nobody, brought up to date today.

        Raises `OptOutsUnusable` for what can't be a policy's `dataset.id`.
        """
        try:
            _ID.validate_python(dataset)
        except ValidationError:
            raise OptOutsUnusable(
                "this can't be the id of a dataset",
                hint="Give what the policies say under dataset.id, such as city-photos.",
            ) from None
        return cls(dataset, today, frozenset(), secret)

    def __contains__(self, canonical: object) -> bool:
        return isinstance(canonical, str) and self.mark(canonical) in self.marks

    def mark(self, canonical: str) -> str:
        """Return what stands for an account in this list; a leading @ makes no other account."""
        account = canonical.removeprefix("@") or canonical
        return hmac.new(self._account_key, account.encode(), hashlib.sha256).hexdigest()

    def with_accounts(self, canonical: Iterable[str], today: date) -> "OptOutList":
        """Return the list with these accounts too, brought up to date today."""
        marks = self.marks | {self.mark(account) for account in canonical}
        return OptOutList(self.dataset, today, marks, self.secret)

    @cached_property
    def data(self) -> bytes:
        """The file's bytes."""
        value: dict[str, Any] = {
            "schema": SCHEMA,
            "dataset": self.dataset,
            "updated": self.updated.isoformat(),
            "check": _checked(self.secret, self.dataset),
            "accounts": sorted(self.marks),
        }
        return canonical_json({**value, "seal": _seal(self.secret, value)}) + b"\n"

    @cached_property
    def _account_key(self) -> bytes:
        return self.secret.key(self.dataset, "account")


def read_list(path: Path) -> tuple[ListFile, bytes]:
    """Return what a list's file says, unproven, and its bytes; raises `OptOutsUnusable`."""
    try:
        data = path.read_bytes()
    except OSError:
        raise OptOutsUnusable(
            "the opt-out list can't be read",
            hint="Check the path; `crowdlens optouts init` makes a list.",
        ) from None
    try:
        value = json.loads(data.decode("ascii"))
        file = ListFile.model_validate(value)
    except (ValueError, RecursionError, ValidationError):
        raise _damaged() from None
    if canonical_json(value) + b"\n" != data:
        raise _damaged()
    return file, data


def open_list(path: Path, secret: Secret, today: date, dataset: str | None = None) -> OptOutList:
    """Return the list that the key opens, of the dataset if one is named.

    Raises `OptOutsUnusable` where it is damaged, of another dataset or dated after today, and
    `OptOutKeyUntrusted` where the key is another list's.
    """
    file, _ = read_list(path)
    if dataset is not None and file.dataset != dataset:
        raise OptOutsUnusable(
            f"the opt-out list is of the dataset {file.dataset}, not of {dataset}",
            hint="Give the dataset's own list.",
        )
    if not hmac.compare_digest(file.check, _checked(secret, file.dataset)):
        raise OptOutKeyUntrusted(
            "the key is not the one that the opt-out list was made with",
            hint="Give the list's own key; under another one nobody in it would be recognised.",
        )
    sealed = file.model_dump(by_alias=True, exclude={"seal"})
    if not hmac.compare_digest(file.seal, _seal(secret, sealed)):
        raise _damaged()
    if file.day > today:
        raise OptOutsUnusable(
            "the opt-out list says that it was brought up to date on a day that has not come",
            hint="Check this machine's clock, and the one that the list was kept on.",
        )
    return OptOutList(file.dataset, file.day, frozenset(file.accounts), secret)


def _checked(secret: Secret, dataset: str) -> str:
    return hmac.new(secret.key(dataset, "check"), b"check", hashlib.sha256).hexdigest()


def _seal(secret: Secret, value: dict[str, Any]) -> str:
    key = secret.key(value["dataset"], "seal")
    return hmac.new(key, canonical_json(value), hashlib.sha256).hexdigest()


def _damaged() -> OptOutsUnusable:
    return OptOutsUnusable(
        "the opt-out list is damaged, or was changed by something else than crowdlens",
        hint="Take it from a copy, and add again what came since; nobody in it may be lost.",
    )
