"""Commitments to what a run read: they hide, they bind, and they can be destroyed."""

import json
import re
import secrets
import sqlite3
import stat
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from audit import AuditError, LifecycleBroken, SaltsGone
from audit.commitments import (
    Opening,
    Salts,
    commit_list,
    commit_rows,
    destroy,
    expired_runs,
    kept_runs,
    opening_of,
)
from audit.export import export_jsonl, export_sqlite
from audit.fsck import fsck
from audit.report import report_html
from audit.words import sentence

SALTS = Salts(bytes(range(32)), bytes(range(32, 64)))
MARKS = [bytes([n]) * 32 for n in range(5)]


def opening(day: date, days: int = 30, salts: Salts = SALTS) -> Opening:
    return Opening(salts, day, day, consent=False, keep_until=day + timedelta(days=days))


def committed(study: Any, days: int = 30, optouts: bytes | None = b"list") -> str:
    """Go through a run that commits, and return its id."""
    with study.start() as run:
        run.commit(opening(study.DAY, days), MARKS, optouts)
        run.end("failed")
    return run.run


def test_the_order_of_rows_says_nothing_and_every_row_counts() -> None:
    good = commit_rows(SALTS, MARKS)
    assert commit_rows(SALTS, MARKS[::-1]) == good
    others = [
        MARKS[:-1],
        [*MARKS, MARKS[0]],
        [*MARKS[:-1], bytes(31) + b"\1"],
        [],
        [b"".join(MARKS)],
    ]
    assert len({good, *(commit_rows(SALTS, marks) for marks in others)}) == len(others) + 1


def test_without_the_salt_a_commitment_says_nothing() -> None:
    texts = [commit_rows(Salts.fresh(), MARKS[:n]) for n in (0, 1, 5, 5)]
    texts += [commit_list(Salts.fresh(), data) for data in (b"", b"x" * 10_000)]
    assert len(set(texts)) == len(texts)
    assert {len(text) for text in texts} == {len("hmac-sha256:") + 64}
    # One salt opens the rows, and the other the list.
    assert commit_rows(Salts(SALTS.inputs, bytes(32)), MARKS) == commit_rows(SALTS, MARKS)
    assert commit_list(Salts(bytes(32), SALTS.optouts), b"l") == commit_list(SALTS, b"l")


def test_fresh_salts_are_long_and_never_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    real = secrets.token_bytes
    monkeypatch.setattr(secrets, "token_bytes", lambda n: asked.append(n) or real(n))
    salts = Salts.fresh()
    assert asked == [32, 32]
    assert salts.inputs != salts.optouts


def test_a_run_keeps_its_salts_where_its_owner_alone_can_read_them(study: Any) -> None:
    run = committed(study)
    folder = study.log_dir / "private" / "commitments"
    (file,) = folder.iterdir()
    assert file.name == f"{run}.json"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert opening_of(study.log_dir, run) == opening(study.DAY)
    entry = next(e for e in study.open().entries() if e.type == "run.inputs")
    assert entry.body.inputs == commit_rows(SALTS, MARKS)
    assert entry.body.optouts == commit_list(SALTS, b"list")
    public = [p for p in study.root.rglob("*") if p.is_file() and "private" not in p.parts]
    for path in public:
        assert SALTS.inputs.hex().encode() not in path.read_bytes()


def test_commitments_are_told_and_exported_and_their_salts_are_not(
    study: Any, tmp_path: Path
) -> None:
    run, without = committed(study), committed(study, optouts=None)
    entries = [e for e in study.verify().entries if e.type == "run.inputs"]
    said = [sentence(entry) for entry in entries]
    assert said[0] == "The run commits to the rows it reads, and to the opt-out list it applies."
    assert said[1] == "The run commits to the rows it reads, and to no opt-out list."
    export_sqlite(study.verify(), tmp_path / "log.sqlite")
    export_jsonl(study.verify(), tmp_path / "log.jsonl")
    with closing(sqlite3.connect(tmp_path / "log.sqlite")) as base:
        rows = base.execute("SELECT run, inputs, optouts FROM inputs ORDER BY seq").fetchall()
    bodies = [entry.body for entry in entries]
    assert rows == [(r, b.inputs, b.optouts) for r, b in zip((run, without), bodies, strict=True)]
    page = report_html(study.verify(), study.trust)
    for text in (page.encode(), *(f.read_bytes() for f in tmp_path.glob("log.*"))):
        assert SALTS.inputs.hex().encode() not in text
        assert SALTS.optouts.hex().encode() not in text


def test_a_policy_that_keeps_no_salts_leaves_none(study: Any) -> None:
    run = committed(study, days=0)
    assert kept_runs(study.log_dir) == ()
    with pytest.raises(SaltsGone):
        opening_of(study.log_dir, run)


def test_destroying_the_salts_leaves_the_log_as_green_as_it_was(study: Any) -> None:
    run, other = committed(study), committed(study)
    before = study.entries.read_bytes()
    assert destroy(study.log_dir, [run, "0" * 32]) == (run,)
    assert destroy(study.log_dir, [run]) == ()
    assert kept_runs(study.log_dir) == (other,)
    with pytest.raises(SaltsGone) as caught:
        opening_of(study.log_dir, run)
    assert caught.value.exit_code == 9
    assert study.entries.read_bytes() == before
    assert study.verify().exit_code == 0
    assert fsck(study.log_dir, study.trust_file).exit_code == 0
    with study.start() as another:
        another.end("failed")


def test_the_salts_are_overwritten_before_they_are_removed(study: Any, tmp_path: Path) -> None:
    run = committed(study)
    file = study.log_dir / "private" / "commitments" / f"{run}.json"
    other_name = tmp_path / "hard-link"
    other_name.hardlink_to(file)
    assert SALTS.inputs.hex().encode() in other_name.read_bytes()
    destroy(study.log_dir, [run])
    assert set(other_name.read_bytes()) == {0}


def test_what_may_be_kept_no_longer_is_found(study: Any) -> None:
    short, long = committed(study, days=1), committed(study, days=30)
    day = study.DAY
    assert expired_runs(study.log_dir, day + timedelta(days=1)) == ()
    assert expired_runs(study.log_dir, day + timedelta(days=2)) == (short,)
    assert set(expired_runs(study.log_dir, day + timedelta(days=31))) == {short, long}
    # What nobody can read may not stay for ever because of that.
    file = study.log_dir / "private" / "commitments" / f"{long}.json"
    file.write_bytes(b"?")
    assert expired_runs(study.log_dir, day) == (long,)


def test_one_runs_salts_do_not_pass_for_anothers(study: Any) -> None:
    run, other = committed(study), committed(study)
    folder = study.log_dir / "private" / "commitments"
    (folder / f"{run}.json").write_bytes((folder / f"{other}.json").read_bytes())
    with pytest.raises(SaltsGone):
        opening_of(study.log_dir, run)


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"\xff", b"[" * 9999, b"null", b'{"run": 1}'],
)
def test_a_damaged_file_of_salts_raises_one_error(study: Any, data: bytes) -> None:
    run = committed(study)
    (study.log_dir / "private" / "commitments" / f"{run}.json").write_bytes(data)
    with pytest.raises(AuditError):
        opening_of(study.log_dir, run)


def test_a_run_that_goes_on_reads_what_it_read(study: Any) -> None:
    """Killed after it committed: nothing is written twice, and nothing else is read."""
    log = study.open()
    killed = log.start_run(study.body())
    killed.commit(opening(study.DAY), MARKS, b"list")
    killed._lock.drop()  # as the system does where a process dies
    size = len(study.lines())
    again = log.resume_run(killed.run)
    salts = opening_of(study.log_dir, killed.run).salts
    for marks, listed in ((MARKS[1:], b"list"), (MARKS, b"other"), (MARKS, None)):
        with pytest.raises(LifecycleBroken):
            again.commit(opening(study.DAY, salts=salts), marks, listed)
    with pytest.raises(LifecycleBroken):
        again.commit(opening(study.DAY, salts=Salts.fresh()), MARKS, b"list")
    again.commit(opening(study.DAY, salts=salts), MARKS[::-1], b"list")
    assert len(study.lines()) == size
    again.end("failed")
    with study.start(log) as first:
        first.commit(opening(study.DAY), MARKS)
        with pytest.raises(LifecycleBroken):
            first.commit(opening(study.DAY), MARKS[1:])
    assert study.verify().exit_code == 0


def test_two_runs_over_the_same_rows_can_not_be_linked(study: Any) -> None:
    for _ in range(2):
        with study.start() as run:
            run.commit(opening(study.DAY, salts=Salts.fresh()), MARKS, b"list")
            run.end("failed")
    bodies = [json.loads(line)["body"] for line in study.lines() if b'"run.inputs"' in line]
    assert len(bodies) == 2
    texts = {text for body in bodies for text in body.values()}
    assert len(texts) == 4
    assert all(re.fullmatch("hmac-sha256:[0-9a-f]{64}", text) for text in texts)
