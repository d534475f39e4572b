"""Time stamps beside a log: kept with what they stamp, and held against its history."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from audit import LogExists, TimeAuthority, TimestampInvalid, Verification, verify
from audit.checkpoint import SignedCheckpoint
from audit.durable import read_bytes
from audit.keys import load_key
from audit.note import sign_note
from audit.stamps import add_token, keep_head, kept_tokens
from audit.timestamp import make_request
from tests.time_authority import NOW, STAMPING, Authority, Token


@pytest.fixture(scope="session")
def stamper() -> Authority:
    return Authority.create(by=Authority.create(), name="Stamper", usage=STAMPING)


@pytest.fixture(scope="session")
def authority(stamper: Authority) -> TimeAuthority:
    return TimeAuthority((stamper.root,))


@pytest.fixture
def copied(finished: Any, tmp_path: Path) -> Any:
    return finished.copy(tmp_path / "copy")


def stamp(study: Any, stamper: Authority, at: Any = NOW) -> tuple[bytes, int]:
    request = make_request(keep_head(study.log_dir))
    return Token.answer(stamper, request.body, at).to_bytes(), request.nonce


def check(study: Any, authority: TimeAuthority | None = None) -> Verification:
    return verify(study.log_dir, study.trust, authority=authority)


def answer(found: Verification) -> tuple[str, str]:
    (one,) = [c for c in found.checks if c.name == "time stamps"]
    return one.status, one.explanation


def test_a_stamp_is_verified_long_after_the_log_went_on(
    copied: Any, stamper: Authority, authority: TimeAuthority, tmp_path: Path
) -> None:
    assert answer(check(copied, authority))[0] == "not-checked"
    size = check(copied).size
    token, nonce = stamp(copied, stamper)
    # The log goes on between asking and the answer.
    copied.release(copied.root / "more", "0.1")
    said, path = add_token(copied.log_dir, token, authority, nonce)
    assert (said.size, said.before) == (size, NOW)
    assert path.parent == copied.log_dir / "anchors"
    assert answer(check(copied)) == (
        "not-checked",
        "no certificate of an authority was given, with --tsa",
    )
    found = check(copied, authority)
    assert found.exit_code == 0
    assert found.stamps == (said,)
    assert answer(found) == (
        "passed",
        f"the first {size} entries existed before 2026-11-24 09:30:15 UTC",
    )
    # A second one, over more entries, by the same authority.
    later, _ = stamp(copied, stamper, NOW + timedelta(hours=1))
    add_token(copied.log_dir, later, authority)
    found = check(copied, authority)
    assert [s.size for s in found.stamps] == [size, found.size]
    assert f"first {found.size}" in answer(found)[1]
    with pytest.raises(LogExists):
        add_token(copied.log_dir, later, authority)
    # Another over the same checkpoint stands beside it.
    again, _ = stamp(copied, stamper, NOW + timedelta(hours=2))
    assert add_token(copied.log_dir, again, authority)[1].name.endswith(".2.tsr")
    assert len(check(copied, authority).stamps) == 3


def test_the_newest_head_needs_no_request(
    copied: Any, stamper: Authority, authority: TimeAuthority
) -> None:
    request = make_request(copied.checkpoint.read_bytes())
    token = Token.answer(stamper, request.body).to_bytes()
    _, path = add_token(copied.log_dir, token, authority)
    kept = path.with_name(path.name.replace(".1.tsr", ".checkpoint"))
    assert kept.read_bytes() == copied.checkpoint.read_bytes()


def test_what_does_not_verify_is_not_kept(
    copied: Any, finished: Any, stamper: Authority, authority: TimeAuthority, tmp_path: Path
) -> None:
    token, nonce = stamp(copied, stamper)
    stranger = TimeAuthority((Authority.create().certificate,))
    for believed, data, asked in (
        (stranger, token, nonce),
        (authority, token, nonce + 1),
        (authority, token[:-1], nonce),
        (authority, Token.answer(stamper, make_request(b"other").body).to_bytes(), None),
    ):
        with pytest.raises(TimestampInvalid):
            add_token(copied.log_dir, data, believed, asked)
    assert kept_tokens(copied.log_dir) == ()


def failed(study: Any, authority: TimeAuthority) -> int:
    found = check(study, authority)
    assert answer(found)[0] == "failed"
    assert check(study).exit_code == 0, "without a certificate it is not checked"
    return found.exit_code


def test_a_stamp_that_was_changed_swapped_or_lost_its_head(
    copied: Any, stamper: Authority, authority: TimeAuthority
) -> None:
    token, _ = stamp(copied, stamper)
    _, path = add_token(copied.log_dir, token, authority)
    head = path.with_name(path.name.replace(".1.tsr", ".checkpoint"))
    whole = head.read_bytes()
    other = TimeAuthority((Authority.create().certificate,))
    assert failed(copied, other) == 5
    path.write_bytes(token[:-1])
    assert failed(copied, authority) == 5
    path.write_bytes(b"")
    assert failed(copied, authority) == 5
    path.write_bytes(token)
    head.unlink()
    assert failed(copied, authority) == 5
    head.write_bytes(b"rubbish")
    assert failed(copied, authority) == 3
    copied.release(copied.root / "more", "0.1")
    head.write_bytes(copied.checkpoint.read_bytes())
    assert failed(copied, authority) == 5, "the token of another checkpoint"
    head.write_bytes(whole)
    assert check(copied, authority).exit_code == 0


def test_a_stamp_over_another_history_is_a_fork(
    copied: Any, finished: Any, stamper: Authority, authority: TimeAuthority, tmp_path: Path
) -> None:
    import shutil

    copied.release(copied.root / "more", "0.1")
    token, _ = stamp(copied, stamper)
    add_token(copied.log_dir, token, authority)
    # Log and witness put back together, and the stamps left beside: cut, then forked.
    other = finished.copy(tmp_path / "other")
    shutil.copytree(copied.log_dir / "anchors", other.log_dir / "anchors")
    assert failed(other, authority) == 4
    other.release(other.root / "less", "0.2")
    assert failed(other, authority) == 3
    assert len(check(other, authority).forks) == 1


def test_a_stamp_on_a_stranger_s_log_is_not_this_one_s(
    copied: Any, stamper: Authority, authority: TimeAuthority, tmp_path: Path
) -> None:
    import shutil

    stranger = type(copied).create(tmp_path / "stranger")
    token, _ = stamp(stranger, stamper)
    add_token(stranger.log_dir, token, authority)
    shutil.copytree(stranger.log_dir / "anchors", copied.log_dir / "anchors")
    assert failed(copied, authority) == 5


def test_a_stamp_outlives_the_key_that_signed_its_head(
    copied: Any, stamper: Authority, authority: TimeAuthority
) -> None:
    old = load_key(copied.log_dir / "private" / "log.key")
    token, _ = stamp(copied, stamper)
    add_token(copied.log_dir, token, authority)
    copied.open().rotate_key()
    token, _ = stamp(copied, stamper)
    add_token(copied.log_dir, token, authority)
    copied.release(copied.root / "more", "0.1")
    found = check(copied, authority)
    assert found.exit_code == 0
    assert len(found.stamps) == 2
    # What the old key signs after the hand-over counts for nothing, stamped or not.
    sealed = copied.checkpoint.read_bytes()
    head = SignedCheckpoint.parse(sealed).checkpoint
    copied.checkpoint.write_bytes(sign_note(head.text(), head.origin, old).to_bytes())
    token, _ = stamp(copied, stamper)
    add_token(copied.log_dir, token, authority)
    copied.checkpoint.write_bytes(sealed)
    assert failed(copied, authority) == 5


@pytest.mark.parametrize(("hours", "expected"), [(0, 0), (-24, 0), (-48, 7), (-24 * 60, 7)])
def test_entries_dated_after_a_stamp_over_them(
    copied: Any, stamper: Authority, authority: TimeAuthority, hours: int, expected: int
) -> None:
    # The entries are of the 23rd. A day is let pass: clocks differ around midnight.
    at = NOW - timedelta(days=1) + timedelta(hours=hours)
    token, _ = stamp(copied, stamper, at)
    add_token(copied.log_dir, token, authority)
    assert check(copied, authority).exit_code == expected


def test_other_files_beside_the_log_are_no_stamps(copied: Any, authority: TimeAuthority) -> None:
    keep_head(copied.log_dir)
    keep_head(copied.log_dir)
    for name in ("note.tsr", "000001-1234567.1.tsr", "x.txt", "000001-12345678.0.tsr"):
        (copied.log_dir / "anchors" / name).write_bytes(b"x")
    assert kept_tokens(copied.log_dir) == ()
    assert check(copied, authority).exit_code == 0
    assert read_bytes(copied.checkpoint) in [
        p.read_bytes() for p in (copied.log_dir / "anchors").iterdir()
    ]
