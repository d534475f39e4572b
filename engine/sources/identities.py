"""Which accounts are one person's: a map that the operator holds, applied before ids are keyed."""

import csv
from collections.abc import Mapping
from pathlib import Path

from engine.sources.contributor import canonical_contributor
from engine.sources.errors import SourceUnusable

COLUMNS = ("account", "person")

Persons = Mapping[str, str]
"""Of a canonical account id, the canonical id that its photos count for."""


def read_identities(file: Path) -> Persons:
    """Return the map of a CSV file with the columns account and person.

    Both are compared like account ids (NFC, trimmed, case-folded). An account that is not in the
    map is a person of its own. A person's id never meets an account's: whoever is named as a
    person is kept apart from an account of the same spelling that the map does not give to them.
    Raises `SourceUnusable`, naming the row's number and nothing else.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            rows = list(csv.reader(text, strict=True))
    except (OSError, ValueError, csv.Error):
        raise SourceUnusable(
            "the identity map can't be read", hint="It is a CSV file, UTF-8: account, person."
        ) from None
    if not rows or tuple(rows[0]) != COLUMNS:
        raise SourceUnusable(
            "the identity map has other columns", hint="Its header is account,person."
        )
    persons: dict[str, str] = {}
    for number, row in enumerate(rows[1:], start=2):
        ids = [canonical_contributor(cell) for cell in row]
        if len(ids) != len(COLUMNS) or None in ids:
            raise SourceUnusable(
                f"the identity map, row {number}: an account or a person is missing",
                hint="Every row has both.",
            )
        account, person = str(ids[0]), "person\0" + str(ids[1])
        # INVARIANT: an account is one person's, or the guarantee would be for neither.
        if persons.setdefault(account, person) != person:
            raise SourceUnusable(
                f"the identity map, row {number}: the account stands there for another person",
                hint="Give each account one person.",
            )
    return persons
