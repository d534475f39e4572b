"""Which source a path is, and what is said where it is none."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from engine.sources import (
    FolderSource,
    InstagramSource,
    SourceAt,
    SourceUnusable,
    TumblrSource,
    XSource,
    documents,
    find_source,
    places,
)
from tests.places import write_manifest
from tests.planted.exports import Shot, write_instagram, write_tumblr, write_x, zipped

DAYS = (date(2026, 6, 1), date(2026, 6, 14))
SHOTS = [Shot(b"first", date(2026, 6, 2))]


def refuse(path: Path, words: str) -> SourceUnusable:
    """Read the source; return the error, which must say this in one line, and what to do."""
    with pytest.raises(SourceUnusable, match=words) as caught:
        find_source(path).photos(*DAYS, b"k" * 32)
    assert caught.value.exit_code == 9
    assert caught.value.hint
    assert "\n" not in str(caught.value)
    return caught.value


def test_every_kind_is_told_by_what_is_there(tmp_path: Path) -> None:
    kinds = {
        FolderSource: write_manifest(tmp_path / "f", []),
        InstagramSource: write_instagram(tmp_path / "i", "ana", SHOTS),
        XSource: write_x(tmp_path / "x", "ana", SHOTS),
        TumblrSource: write_tumblr(tmp_path / "t", "ana", SHOTS),
    }
    for kind, path in kinds.items():
        assert type(find_source(path)) is kind
        if kind is not FolderSource:
            assert type(find_source(zipped(path))) is kind


@pytest.mark.parametrize("write", [write_instagram, write_x, write_tumblr])
def test_more_than_one_kind_in_one_folder_is_refused(tmp_path: Path, write) -> None:
    write(tmp_path / "e", "ana", SHOTS)
    write_manifest(tmp_path / "e", [])
    refuse(tmp_path / "e", "more than one kind")


def test_an_export_beside_a_manifest_is_not_passed_over(tmp_path: Path) -> None:
    folder = write_manifest(tmp_path / "f", [("a.jpg", "ana", "2026-06-02")])
    (folder / "sub" / "photos").mkdir(parents=True)
    (folder / "backup.zip").write_bytes(b"no zip")
    assert len(find_source(folder).photos(*DAYS, b"k")) == 1
    zipped(write_x(tmp_path / "x", "ana", SHOTS)).rename(folder / "x.zip")
    refuse(folder, "more than one kind")
    (folder / "x.zip").unlink()
    write_tumblr(folder / "blog", "ana", SHOTS)
    refuse(folder, "more than one kind")


def test_two_exports_in_one_folder_are_refused(tmp_path: Path) -> None:
    write_instagram(tmp_path / "e", "ana", SHOTS)
    write_x(tmp_path / "e", "ana", SHOTS)
    refuse(tmp_path / "e", "more than one kind")
    refuse(zipped(tmp_path / "e"), "more than one kind")


def test_a_directory_in_which_one_export_is_none_is_refused_whole(tmp_path: Path) -> None:
    write_x(tmp_path / "all" / "a", "ana", SHOTS)
    (tmp_path / "all" / "b" / "holiday").mkdir(parents=True)
    write_x(tmp_path / "all" / "c", "cai", SHOTS)
    refuse(tmp_path / "all", "entry 2 of 3, by name: there is no export that is known")


def test_an_error_in_one_of_many_says_which(tmp_path: Path) -> None:
    write_x(tmp_path / "all" / "a", "ana", SHOTS)
    write_x(tmp_path / "all" / "b", "ben", SHOTS)
    (tmp_path / "all" / "b" / "data" / "tweets.js").write_text("window.YTD.tweets.part0 = [")
    refuse(tmp_path / "all", "entry 2 of 2, by name: the X archive's document 2 of 2 is damaged")
    (tmp_path / "all" / "a.zip").write_bytes(b"PK")
    refuse(tmp_path / "all", "entry 2 of 3, by name: the zip can't be read")


@pytest.mark.parametrize("name", ["b.tar.gz", "b.json", "people.csv"])
def test_nothing_in_a_directory_of_exports_is_passed_over(tmp_path: Path, name: str) -> None:
    write_x(tmp_path / "all" / "a", "ana", SHOTS)
    (tmp_path / "all" / ".DS_Store").touch()
    (tmp_path / "all" / "Thumbs.db").touch()
    assert len(find_source(tmp_path / "all").photos(*DAYS, b"k")) == 2
    (tmp_path / "all" / name).touch()
    refuse(tmp_path / "all", "entry 2 of 2, by name: it is neither a folder nor a zip")


def test_links_are_refused_and_not_followed(tmp_path: Path) -> None:
    write_x(tmp_path / "all" / "a", "ana", SHOTS)
    (tmp_path / "all" / "b").symlink_to(write_x(tmp_path / "other", "ben", SHOTS))
    refuse(tmp_path / "all", "entry 2 of 2, by name: it is neither a folder nor a zip")
    (tmp_path / "all" / "b").unlink()
    said = tmp_path / "all" / "a" / "data" / "account.js"
    said.rename(tmp_path / "account.js")
    said.symlink_to(tmp_path / "account.js")
    refuse(tmp_path / "all", "does not name its account")
    said.unlink()
    (tmp_path / "account.js").rename(said)
    media = tmp_path / "all" / "a" / "data" / "tweets_media" / "1000-0.jpg"
    media.unlink()
    media.symlink_to(tmp_path / "other" / "data" / "tweets_media" / "1000-0.jpg")
    photos = find_source(tmp_path / "all").photos(*DAYS, b"k")
    assert [photo.read(9) for photo in photos] == [b"", b""]


def _html_instagram(root: Path) -> Path:
    export = write_instagram(root, "ana", SHOTS)
    folder = export / "your_instagram_activity" / "media"
    for file in folder.glob("*.json"):
        file.rename(file.with_suffix(".html"))
    return export


def _without(path: str, write: Callable[..., Path] = write_x) -> Callable[[Path], Path]:
    def written(root: Path) -> Path:
        export = write(root, "ana", SHOTS)
        gone = export / path
        shutil.rmtree(gone) if gone.is_dir() else gone.unlink()
        return export

    return written


def _with(path: str, content: bytes, write: Callable[..., Path]) -> Callable[[Path], Path]:
    def written(root: Path) -> Path:
        export = write(root, "ana", SHOTS)
        (export / path).parent.mkdir(parents=True, exist_ok=True)
        (export / path).write_bytes(content)
        return export

    return written


def _tumblr_pages(root: Path) -> Path:
    (root / "posts").mkdir(parents=True)
    (root / "posts" / "123.html").write_text("<p>")
    return root


_POSTS = "your_instagram_activity/media/posts_1.json"
_ACCOUNT = "personal_information/personal_information"


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (_html_instagram, "the Instagram export is HTML"),
        (_tumblr_pages, "the Tumblr export is HTML"),
        (_without("your_instagram_activity/media", write_instagram), "holds no posts"),
        (_without(_ACCOUNT, write_instagram), "does not name its account"),
        (_without("data/account.js"), "does not name its account"),
        (_with(_POSTS, b"[{", write_instagram), "document 1 of 3 is damaged"),
        (_with(_POSTS, b"\xff\xfe", write_instagram), "document 1 of 3 is damaged"),
        (_with(_POSTS, b'"text"', write_instagram), "document 1 of 3 is damaged"),
        (_with(_POSTS, b"", write_instagram), "document 1 of 3 can't be read"),
        (_with(_POSTS, b"[" * 100_000, write_instagram), "document 1 of 3 is damaged"),
        (_with(_POSTS, b"[1" + b"0" * 5000 + b"]", write_instagram), "document 1 of 3 is damaged"),
        (_with(f"{_ACCOUNT}/personal_information.json", b"{", write_instagram), "is damaged"),
        (_with("data/tweets.js", b"[]", write_x), "document 2 of 2 is damaged"),
        (_with("data/tweets.js", b"alert(1)", write_x), "document 2 of 2 is damaged"),
        (
            _with("data/account.js", b"window.YTD.account.part0 = {}", write_x),
            "account.js is damaged",
        ),
        (_with("json/1.json", b"[{", write_tumblr), "document 1 of 6 is damaged"),
        (_with("json/1.json", b"{}", write_tumblr), "document 1 of 6 is damaged"),
    ],
)
def test_a_wrong_or_damaged_export_is_named_in_one_sentence(
    tmp_path: Path, write: Callable[[Path], Path], words: str
) -> None:
    export = write(tmp_path / "zq-export")
    error = refuse(export, words)
    assert str(refuse(zipped(export), words)) == str(error)
    assert "zq" not in str(error) + error.hint


def test_a_document_that_is_too_long_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = write_x(tmp_path / "x", "ana", SHOTS)
    size = (export / "data" / "account.js").stat().st_size
    for module in (documents, places):
        monkeypatch.setattr(module, "MOST_BYTES", size - 1)
    refuse(export, "account.js is too long")
    for module in (documents, places):
        monkeypatch.setattr(module, "MOST_BYTES", size)
    refuse(export, "document 1 of 2 is too long")


def test_a_mark_of_byte_order_is_no_damage(tmp_path: Path) -> None:
    export = write_x(tmp_path / "x", "ana", SHOTS)
    for file in (export / "data").glob("*.js"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    assert len(find_source(export).photos(*DAYS, b"k")) == 2


def test_an_x_archive_without_posts_is_refused(tmp_path: Path) -> None:
    export = write_x(tmp_path / "x", "ana", SHOTS)
    for file in (export / "data").glob("tweets*.js"):
        file.unlink()
    refuse(export, "the X archive holds no posts")


def test_what_is_no_source_is_refused(tmp_path: Path) -> None:
    refuse(tmp_path / "none", "nothing at the source's path")
    refuse(tmp_path, "no manifest, and no export")
    (tmp_path / "some" / "photos").mkdir(parents=True)
    refuse(tmp_path / "some", "no manifest, and no export")
    refuse(write_manifest(tmp_path / "m", []) / "photos.csv", "not a directory, and no zip")
    (tmp_path / "text.zip").write_text("no zip")
    refuse(tmp_path / "text.zip", "the zip can't be read")
    refuse(zipped(tmp_path / "some"), "no export that is known")


def test_a_path_is_looked_at_when_photos_are_asked_for(tmp_path: Path) -> None:
    source = SourceAt(tmp_path / "later")
    with pytest.raises(SourceUnusable):
        source.photos(*DAYS, b"k")
    write_x(tmp_path / "later", "ana", SHOTS)
    assert len(source.photos(*DAYS, b"k")) == 2


def test_the_name_of_an_instagram_export_names_its_account(tmp_path: Path) -> None:
    export = write_instagram(tmp_path / "instagram-An_a.b-2026-07-01-aB3xYz", "Ana", SHOTS)
    with_name = find_source(export).photos(*DAYS, b"k")[0].contributor
    shutil.rmtree(export / "personal_information")
    by_name = find_source(export).photos(*DAYS, b"k")[0].contributor
    assert by_name != with_name
    assert find_source(zipped(export, inside="x/")).photos(*DAYS, b"k")[0].contributor == by_name
