from datetime import date
from pathlib import Path

import pytest

from engine.sources import FolderSource, SourceUnusable, read_identities
from tests.places import write_manifest

KEY = b"k" * 32
DAYS = (date(2026, 6, 1), date(2026, 6, 30))


def _map(folder: Path, text: str) -> Path:
    file = folder / "identities.csv"
    file.write_text(text, encoding="utf-8")
    return file


def test_accounts_of_one_person_are_one_contributor(tmp_path: Path) -> None:
    persons = read_identities(_map(tmp_path, "account,person\n@River_7,p1\n@ana,P1 \n"))
    rows = [
        ("a.jpg", "@river_7", "2026-06-02"),
        ("b.jpg", " @ANA", "2026-06-02"),
        ("c.jpg", "@ben", "2026-06-02"),
        ("d.jpg", "p1", "2026-06-02"),
    ]
    photos = FolderSource(write_manifest(tmp_path / "p", rows)).photos(*DAYS, KEY, persons)
    river, ana, ben, account = (photo.contributor for photo in photos)
    assert river == ana
    # An account that happens to be spelt like a person's id is nobody but itself.
    assert len({river, ben, account}) == 3


@pytest.mark.parametrize(
    "text",
    ["", "account\n", "person,account\na,b\n", "account,person\na,\n", "account,person\na,b,c\n"],
)
def test_a_map_that_is_none_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(SourceUnusable):
        read_identities(_map(tmp_path, text))


def test_an_account_of_two_persons_is_refused_without_being_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable) as caught:
        read_identities(_map(tmp_path, "account,person\ncanary,p1\nCanary,p2\n"))
    assert "row 3" in str(caught.value)
    assert "canary" not in str(caught.value).lower()


def test_a_map_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable):
        read_identities(tmp_path / "none.csv")
