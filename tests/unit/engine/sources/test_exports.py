"""What holds for the exports of every platform, in a folder or a zip, in every layout."""

import pickle
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.sources import SourceUnusable, find_source, read_identities
from engine.sources.contributor import contributor_key
from tests.planted.exports import Shot, write_instagram, write_tumblr, write_x, zipped

KEY = b"k" * 32
DAYS = (date(2026, 6, 1), date(2026, 6, 14))
SHOTS = [
    Shot(b"first", date(2026, 6, 2), "Good #Matcha, and #Crème"),
    Shot(b"second", date(2026, 6, 3), "no tags"),
    Shot(b"third", date(2026, 6, 14), "#matcha"),
    Shot(b"fourth", date(2026, 6, 4), "#latte"),
    Shot(b"late", date(2026, 6, 15), "#later"),
]
WANTED = SHOTS[:4]

Writer = Callable[..., Path]
WRITERS: dict[str, tuple[str, Writer]] = {
    "instagram": ("instagram", write_instagram),
    "older instagram": ("instagram", lambda *a, **k: write_instagram(*a, layout="older", **k)),
    "old instagram": ("instagram", lambda *a, **k: write_instagram(*a, layout="old", **k)),
    "x": ("x", write_x),
    "old x": ("x", lambda *a, **k: write_x(*a, singular=True, **k)),
    "tumblr": ("tumblr", write_tumblr),
    "tumblr answers": ("tumblr", lambda *a, **k: write_tumblr(*a, answers=True, **k)),
}
PACKED: dict[str, Callable[[Path], Path]] = {
    "folder": lambda folder: folder,
    "zip": zipped,
    "zip of a folder": lambda folder: zipped(folder, inside="twitter-2026/"),
}


@pytest.fixture(params=WRITERS)
def platform(request: pytest.FixtureRequest) -> tuple[str, Writer]:
    return WRITERS[request.param]


@pytest.mark.parametrize("packed", PACKED)
def test_photos_of_the_days_and_nothing_else_are_found(
    tmp_path: Path, platform: tuple[str, Writer], packed: str
) -> None:
    name, write = platform
    path = PACKED[packed](write(tmp_path / "export", "Ana", SHOTS))
    found = find_source(path).photos(*DAYS, KEY)
    assert {(p.read(100), p.day) for p in found} == {
        *((shot.picture, shot.day) for shot in WANTED),
        (b"", date(2026, 6, 2)),  # told of and not there
    }
    assert len(found) == len(WANTED) + 1
    assert {p.contributor for p in found} == {contributor_key("ana", KEY)}
    assert {(p.platform, p.region, p.hashtags) for p in found} == {(name, None, ())}
    # What goes to a worker process is as good there.
    assert [p.read(2) for p in pickle.loads(pickle.dumps(found))] == [p.read(2) for p in found]
    assert max(len(p.read(2)) for p in found) == 3


def test_hashtags_are_read_where_they_are_asked_for(
    tmp_path: Path, platform: tuple[str, Writer]
) -> None:
    _, write = platform
    source = find_source(write(tmp_path / "export", "ana", SHOTS))
    found = {p.read(9): set(p.hashtags) for p in source.photos(*DAYS, KEY, hashtags=True)}
    assert found == {
        b"": set(),
        b"first": {"matcha", "crème"},
        b"second": set(),
        b"third": {"matcha"},
        b"fourth": {"latte"},
    }


def test_exports_of_many_accounts_lie_in_one_directory(tmp_path: Path) -> None:
    zipped(write_instagram(tmp_path / "all" / "a", "ana", SHOTS))
    write_x(tmp_path / "all" / "b" / "twitter", "Ben", SHOTS[:2])
    write_tumblr(tmp_path / "all" / "c", "ana", SHOTS[:1], answers=True)
    (tmp_path / "all" / ".DS_Store").write_bytes(b"")
    (tmp_path / "people.csv").write_text("account,person\nben,p\nana,p\n")
    source = find_source(tmp_path / "all")
    found = source.photos(*DAYS, KEY)
    by_account = {(p.platform, p.contributor) for p in found}
    ana, ben = contributor_key("ana", KEY), contributor_key("ben", KEY)
    assert by_account == {("instagram", ana), ("x", ben), ("tumblr", ana)}
    persons = read_identities(tmp_path / "people.csv")
    assert len({p.contributor for p in source.photos(*DAYS, KEY, persons)}) == 1


def test_the_same_export_reads_the_same_from_a_folder_and_a_zip(
    tmp_path: Path, platform: tuple[str, Writer]
) -> None:
    folder = platform[1](tmp_path / "export", "ana", SHOTS)
    archive = find_source(zipped(folder)).photos(*DAYS, KEY, hashtags=True)
    loose = find_source(folder).photos(*DAYS, KEY, hashtags=True)
    told = [[(p.read(9), p.day, p.contributor, p.hashtags) for p in ps] for ps in (archive, loose)]
    assert told[0] == told[1]


def test_no_account_has_photos_without_a_name(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable, match="does not name its account"):
        find_source(write_instagram(tmp_path / "i", "", SHOTS)).photos(*DAYS, KEY)
    with pytest.raises(SourceUnusable, match="does not name its account"):
        find_source(write_x(tmp_path / "x", "", SHOTS)).photos(*DAYS, KEY)
    assert find_source(write_tumblr(tmp_path / "t", " ", SHOTS)).photos(*DAYS, KEY) == ()
