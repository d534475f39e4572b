"""A source read with objections is the source without whoever objects, whatever else is in it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.optouts import Secret
from engine.optouts.list_file import OptOutList
from engine.sources import Admission, FolderSource, SourcePhoto, canonical_contributor

DAYS = (date(2026, 6, 1), date(2026, 6, 14))
KEY, MARKS = b"k" * 32, b"m" * 32
SECRET = Secret(b"s" * 32)

accounts = st.sampled_from(
    ["ana", " Ana", "@ana", "ben", "BEN\u200b", "cai", "Straße", "STRASSE", ""]
)
cells = st.sampled_from(["yes", "Yes ", "no", "", "maybe"])
days = st.sampled_from(["2026-06-02", "2026-06-14", "2026-07-01"])
rows = st.lists(st.tuples(accounts, days, cells), max_size=12)
persons_of = st.dictionaries(
    st.sampled_from(["ana", "@ana", "ben", "cai", "strasse", "elsewhere"]),
    st.sampled_from(["person\0one", "person\0two"]),
    max_size=5,
)


def name_of(account: str) -> str | None:
    """Return the account as a list knows it: without a leading @."""
    canonical = canonical_contributor(account)
    return None if canonical is None else canonical.removeprefix("@")


def read(
    folder: Path,
    given_: list[tuple[int, tuple[str, str, str]]],
    persons: dict[str, str],
    admission: Admission,
) -> list[SourcePhoto]:
    head = "path,contributor,taken_at,consent"
    lines = [f"{number}.jpg,{a},{day},{cell}" for number, (a, day, cell) in given_]
    (folder / "photos.csv").write_text("\n".join([head, *lines]) + "\n", encoding="utf-8")
    found = FolderSource(folder).photos(*DAYS, KEY, persons, admission=admission)
    return list(found)


@settings(max_examples=200, deadline=None)
@given(
    rows=rows,
    objecting=st.sets(accounts.filter(lambda a: name_of(a) is not None), max_size=3),
    persons=persons_of,
    asked=st.booleans(),
)
def test_who_objects_or_did_not_agree_might_as_well_not_be_there(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str, str]],
    objecting: set[str],
    persons: dict[str, str],
    asked: bool,
) -> None:
    folder = tmp_path_factory.mktemp("source")
    canonical = [str(canonical_contributor(account)) for account in objecting]
    listed = OptOutList.empty("d", DAYS[0], SECRET).with_accounts(canonical, DAYS[0])
    whole = list(enumerate(rows))
    kept = read(folder, whole, persons, Admission(listed, consent=asked, mark_key=MARKS))

    out = {name_of(account) for account in objecting}
    shut = {person for account, person in persons.items() if name_of(account) in out}
    left = [
        (number, row)
        for number, row in whole
        if name_of(row[0]) not in out
        and persons.get(str(canonical_contributor(row[0]))) not in shut
        and row[2].strip().lower() == "yes"
    ]
    assert kept == read(folder, left, persons, Admission(consent=asked, mark_key=MARKS))
    assert all(len(photo.mark) == 32 for photo in kept)
