import hashlib
import json
import stat
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from audit import (
    BudgetRefused,
    EntryInvalid,
    LifecycleBroken,
    Log,
    LogCut,
    LogExists,
    LogForked,
    LogTampered,
    LogUnwritable,
    Reservation,
    SignatureUntrusted,
    Trust,
    WitnessMissing,
    fold,
)
from audit.bodies import Release, RunEnd, outputs_of
from policies.amounts import Loss


def types(study: Any) -> list[str]:
    return [json.loads(line)["type"] for line in study.lines()]


def test_a_new_log_holds_one_entry_and_private_keys(study: Any) -> None:
    assert types(study)[0] == "log.open"
    assert stat.S_IMODE((study.log_dir / "private").stat().st_mode) == 0o700
    assert stat.S_IMODE((study.log_dir / "private/log.key").stat().st_mode) == 0o600
    with pytest.raises(LogExists):
        Log.create(study.log_dir, at=study.DAY)


def test_a_whole_run(study: Any) -> None:
    study.release(study.root / "out")
    assert types(study)[-3:] == ["run.start", "budget.reserve", "release"]
    account = study.open().account(study.DATASET)
    assert account.spent == account.published == study.loss("0.25")
    assert account.remaining == study.loss("0.75", "1e-6")
    assert study.verify(study.root / "out").exit_code == 0
    assert list((study.log_dir / "private/runs").iterdir()) == []


def test_a_reservation_is_made_by_the_log_alone(study: Any) -> None:
    with pytest.raises(TypeError):
        Reservation("0" * 32, study.DATASET, study.DIGEST, study.loss("1"), (), 3)
    with study.start() as run:
        made = run.reserve({"b": study.loss("0.1"), "a": study.loss("0.2", "1e-7")})
    assert made.loss == study.loss("0.3", "1e-7")
    assert [name for name, _ in made.statistics] == ["a", "b"]
    assert (made.run, made.dataset, made.policy) == (run.run, study.DATASET, study.DIGEST)
    with pytest.raises(AttributeError):
        made.loss = study.loss("0")


def test_the_budget_says_no_and_nothing_is_written(study: Any) -> None:
    with study.start() as run:
        run.reserve({"a": study.loss("0.9", "1e-6")})
    for cost in (study.loss("0.10000001"), study.loss("0.01", "1e-12")):
        with study.start() as run:
            before = study.entries.read_bytes()
            with pytest.raises(BudgetRefused) as caught:
                run.reserve({"a": cost})
            assert caught.value.exit_code == 7
            assert study.entries.read_bytes() == before
            assert "remaining epsilon 0.1 and delta 0" in str(caught.value)
    with study.start() as run:
        run.reserve({"a": study.loss("0.1")})
    account = study.open().account(study.DATASET)
    assert account.remaining == study.loss("0")
    assert account.published == study.loss("0")
    assert len(account.reservations) == 2


def test_the_first_declaration_binds(study: Any) -> None:
    log = study.open()
    assert log.declare_dataset(study.DATASET, study.loss("1", "1e-6")) is None
    for total in (study.loss("2", "1e-6"), study.loss("0.5", "1e-6"), study.loss("1", "1e-5")):
        with pytest.raises(BudgetRefused):
            log.declare_dataset(study.DATASET, total)
    with pytest.raises(BudgetRefused):
        log.account("elsewhere")
    with pytest.raises(EntryInvalid):
        log.declare_dataset("Not An Id", study.loss("1"))


def test_a_failed_run_gets_no_refund(study: Any) -> None:
    def fail() -> None:
        with study.start() as run:
            run.reserve({"a": study.loss("0.5")})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert study.lines()[-1].count(b'"outcome":"failed"') == 1
    account = study.open().account(study.DATASET)
    assert (account.spent, account.published) == (study.loss("0.5"), study.loss("0"))


def test_how_a_run_ends(study: Any) -> None:
    with study.start():
        pass
    assert b'"outcome":"interrupted"' in study.lines()[-1]
    with pytest.raises(KeyboardInterrupt), study.start():
        raise KeyboardInterrupt
    assert b'"outcome":"interrupted"' in study.lines()[-1]
    with pytest.raises(BudgetRefused), study.start() as run:
        run.reserve({"a": study.loss("9")})
    assert b'"outcome":"refused"' in study.lines()[-1]
    with study.start() as run:
        run.end("refused")
    assert b'"outcome":"refused"' in study.lines()[-1]
    with pytest.raises(LifecycleBroken):
        run.end("failed")
    with pytest.raises(LifecycleBroken):
        run.reserve({"a": study.loss("0.1")})


def test_the_order_of_a_run_is_kept(study: Any) -> None:
    log = study.open()
    before = len(study.lines())
    release = Release(
        dataset=study.DATASET,
        policy=study.DIGEST,
        outputs=outputs_of({"release.csv": study.DIGEST}),
    )
    other = "sha256:" + "b" * 64
    with pytest.raises(LifecycleBroken):
        log.append(RunEnd(outcome="failed"), "0" * 32)
    with pytest.raises(LifecycleBroken):
        log.append(release, "0" * 32)
    with pytest.raises(LifecycleBroken):
        log.start_run(study.body(other))
    with pytest.raises(EntryInvalid):
        log.append(RunEnd(outcome="failed"))
    assert len(study.lines()) == before
    with study.start(log) as run:
        with pytest.raises(LifecycleBroken):
            run.release({"release.csv": study.DIGEST})
        with pytest.raises(LifecycleBroken):
            log.append(study.body(), run.run)
        with pytest.raises(LifecycleBroken):
            log.append(release.model_copy(update={"dataset": "other"}), run.run)
        run.reserve({"a": study.loss("0.1")})
        with pytest.raises(LifecycleBroken):
            run.reserve({"a": study.loss("0.1")})
        with pytest.raises(EntryInvalid):
            run.release({"IMG_0001.jpg": study.DIGEST})
        run.release({"release.csv": study.DIGEST})
    assert study.verify().exit_code == 0


def test_nothing_is_spent_under_an_expired_policy(study: Any) -> None:
    log = study.open(date(2027, 1, 2))
    with study.start(log) as run, pytest.raises(LifecycleBroken):
        run.reserve({"a": study.loss("0.1")})
    # A clock put back does not revive it: dates never go back.
    with study.start(study.open(study.DAY)) as run, pytest.raises(LifecycleBroken):
        run.reserve({"a": study.loss("0.1")})
    assert study.verify().exit_code == 0


def test_the_last_day_of_a_policy_is_a_good_day(study: Any) -> None:
    with study.start(study.open(date(2027, 1, 1))) as run:
        run.reserve({"a": study.loss("0.1")})


def test_an_undeclared_dataset_has_no_budget(study: Any) -> None:
    run = study.open().start_run(study.body(dataset="other"))
    with run, pytest.raises(BudgetRefused):
        run.reserve({"a": study.loss("0.1")})


def test_a_policy_is_adopted_once(study: Any) -> None:
    log = study.open()
    assert log.adopt_policy(study.adopt()) is None
    with pytest.raises(LifecycleBroken):
        log.adopt_policy(study.adopt(not_after="2030-01-01"))
    assert log.adopt_policy(study.adopt("sha256:" + "b" * 64)) is not None


def test_two_open_logs_see_each_other(study: Any) -> None:
    one, two = study.open(), study.open()
    with study.start(one) as a, study.start(two) as b:
        a.reserve({"a": study.loss("0.6")})
        with pytest.raises(BudgetRefused):
            b.reserve({"a": study.loss("0.6")})
        b.reserve({"a": study.loss("0.4")})
    assert one.entries() == two.entries() == study.verify().entries
    assert fold(one.entries()).account(study.DATASET) == two.account(study.DATASET)


def test_live_runs_are_not_ended_and_dead_ones_are(study: Any) -> None:
    live = study.start()
    dead = study.start()
    dead._lock.drop()  # what the kernel does for a process that is killed
    ended = study.open().end_dangling_runs()
    assert [e.run_id for e in ended] == [dead.run]
    assert study.open().end_dangling_runs() == ()
    with pytest.raises(LifecycleBroken):
        study.open().resume_run(live.run)
    with pytest.raises(LifecycleBroken):
        study.open().resume_run(dead.run)
    live.end("failed")


def test_a_killed_run_can_be_taken_up(study: Any) -> None:
    dead = study.start()
    dead._lock.drop()
    with study.open().resume_run(dead.run) as run:
        run.reserve({"a": study.loss("0.1")})
        run.release({"release.csv": study.DIGEST})
    assert study.verify().exit_code == 0


def test_a_torn_tail_beyond_the_seal_is_dropped(study: Any) -> None:
    before = study.entries.read_bytes()
    for torn in (b"{", b'{"at":"2026-11-23","bo', study.lines()[-1]):
        study.entries.write_bytes(before + torn)
        found = study.verify()
        assert (found.exit_code, found.unsealed_tail) == (0, True)
        assert study.entries.read_bytes() == before + torn
        study.open()
        assert study.entries.read_bytes() == before
        assert not study.verify().unsealed_tail


def test_a_torn_tail_is_dropped_by_a_log_that_is_open(study: Any) -> None:
    log = study.open()
    study.entries.write_bytes(study.entries.read_bytes() + b'{"at"')
    with study.start(log):
        pass
    assert study.verify().exit_code == 0


def test_whole_entries_beyond_the_seal_are_sealed(study: Any) -> None:
    old = study.checkpoint.read_bytes()
    with study.start() as run:
        run.reserve({"a": study.loss("0.5")})
    lines = study.entries.read_bytes()
    # The crash between the entry and its checkpoint; the witness is ahead.
    study.checkpoint.write_bytes(old)
    found = study.verify()
    assert (found.exit_code, found.unsealed_tail) == (0, True)
    study.open()
    assert study.entries.read_bytes() == lines
    found = study.verify()
    assert (found.exit_code, found.unsealed_tail, found.size) == (0, False, len(study.lines()))
    assert study.open().account(study.DATASET).spent == study.loss("0.5")


def test_an_entry_beyond_the_seal_that_breaks_a_rule_is_refused(study: Any) -> None:
    line = json.loads(study.lines()[-1]) | {"seq": len(study.lines())}
    line["body"]["not_after"] = "2099-01-01"
    text = json.dumps(line, sort_keys=True, separators=(",", ":")).encode()
    study.entries.write_bytes(study.entries.read_bytes() + text + b"\n")
    assert study.verify().exit_code == 7
    with pytest.raises(LifecycleBroken):
        study.open()


def test_a_lagging_witness_is_brought_up_to_date(study: Any, tmp_path: Path) -> None:
    lag = study.copy(tmp_path / "copy")
    with study.start():
        pass
    # The witness of before, with one entry of now: as after a crash before it was asked.
    added = study.lines()[len(lag.lines())]
    lag.entries.write_bytes(lag.entries.read_bytes() + added + b"\n")
    (lag.log_dir / "private/next").write_bytes(added)
    assert lag.verify().unsealed_tail
    lag.open()
    assert lag.verify().exit_code == 0
    assert not lag.verify().unsealed_tail


@pytest.mark.parametrize("entries", [1, 2])
def test_an_entry_that_its_owner_did_not_announce_is_never_signed(
    study: Any, tmp_path: Path, entries: int
) -> None:
    forged = study.copy(tmp_path / "copy")
    with study.start():
        pass
    # Whole, canonical and allowed, but added by somebody who can write this one file only.
    added = study.lines()[len(forged.lines()) :][:entries]
    forged.entries.write_bytes(forged.entries.read_bytes() + b"".join(a + b"\n" for a in added))
    before = forged.entries.read_bytes()
    found = forged.verify()
    assert found.unsealed_tail
    assert found.exit_code == (0 if entries == 1 else 3)
    assert len(found.entries) == len(forged.lines()) - entries, "nothing unsigned is believed"
    assert "run.start" not in [entry.type for entry in found.entries]
    with pytest.raises(LogTampered):
        forged.open()
    assert forged.entries.read_bytes() == before


def test_an_unsigned_release_and_spend_are_never_believed(study: Any, tmp_path: Path) -> None:
    """Whoever can write the file, but holds no key, proves nothing by it."""
    forged = study.copy(tmp_path / "copy")
    out = study.root / "out"
    study.release(out)
    for added in study.lines()[len(forged.lines()) :]:
        forged.entries.write_bytes(forged.entries.read_bytes() + added + b"\n")
        found = forged.verify(out)
        assert found.exit_code in (3, 8)
        assert found.ledger.account(study.DATASET).spent == Loss.zero()


def test_an_older_log_put_back_is_refused(study: Any, tmp_path: Path) -> None:
    old = study.copy(tmp_path / "old")
    open_log = study.open()
    study.release(study.root / "out")
    for name in ("entries.jsonl", "checkpoint"):
        (study.log_dir / name).write_bytes((old.log_dir / name).read_bytes())
    assert study.verify().exit_code == 4
    with pytest.raises(LogCut):
        study.open()
    with pytest.raises(LogCut):
        study.start(open_log)


def test_another_history_is_refused(study: Any, tmp_path: Path) -> None:
    other = study.copy(tmp_path / "other")
    study.release(study.root / "out")
    other.release(other.root / "out")
    for name in ("entries.jsonl", "checkpoint"):
        (study.log_dir / name).write_bytes((other.log_dir / name).read_bytes())
    found = study.verify()
    assert found.exit_code == 3
    assert isinstance(found.failure, LogForked)
    with pytest.raises(LogForked):
        study.open()


def test_another_history_is_refused_by_a_log_that_is_open(study: Any, tmp_path: Path) -> None:
    log, other = study.open(), study.copy(tmp_path / "other")
    study.release(study.root / "out")
    other.release(other.root / "out")
    for name in ("entries.jsonl", "checkpoint"):
        (study.log_dir / name).write_bytes((other.log_dir / name).read_bytes())
    before = study.entries.read_bytes()
    with pytest.raises(LogForked):
        study.start(log)
    assert study.entries.read_bytes() == before


def test_a_missing_witness_stops_the_work(study: Any) -> None:
    log = study.open()
    before = study.entries.read_bytes()
    study.witness_dir.rename(study.root / "away")
    with pytest.raises(WitnessMissing):
        study.open()
    with pytest.raises(WitnessMissing):
        study.start(log)
    assert study.entries.read_bytes() == before
    found = study.verify()
    assert found.exit_code == 0
    assert {c.status for c in found.checks if c.name.startswith("witness memory")} == {
        "not-checked"
    }
    (study.root / "away").rename(study.witness_dir)
    study.start(log).end("failed")


def test_a_witness_that_lost_its_memory_is_not_believed(study: Any) -> None:
    old = (study.witness_dir / "checkpoint").read_bytes()
    study.start().end("failed")
    for memory in (b"", old):
        (study.witness_dir / "checkpoint").write_bytes(memory)
        assert study.verify().exit_code == 6
        with pytest.raises(WitnessMissing):
            study.open()


def test_keys_that_are_not_pinned_are_refused(study: Any, tmp_path: Path) -> None:
    stranger = type(study).create(tmp_path / "stranger")
    with pytest.raises(SignatureUntrusted):
        Log.open(study.log_dir, stranger.trust, study.DAY)
    mixed = Trust(study.trust.log, stranger.trust.witnesses, 1)
    with pytest.raises(SignatureUntrusted):
        Log.open(study.log_dir, mixed, study.DAY)
    key = study.log_dir / "private/log.key"
    key.write_bytes((stranger.log_dir / "private/log.key").read_bytes())
    with pytest.raises(SignatureUntrusted):
        study.open()


def test_a_log_that_is_gone_is_cut(study: Any) -> None:
    study.log_dir.rename(study.root / "away")
    with pytest.raises(LogCut):
        study.open()
    assert study.verify().exit_code == 4


def test_a_log_that_shrinks_while_open_is_cut(study: Any) -> None:
    log = study.open()
    study.entries.write_bytes(b"\n".join(study.lines()[:-1]) + b"\n")
    with pytest.raises(LogCut):
        study.start(log)


def test_a_log_changed_while_open_is_tampered(study: Any) -> None:
    log, other = study.open(), study.open()
    study.start(other).end("failed")
    study.entries.write_bytes(study.entries.read_bytes().replace(b'"failed"', b'"refused"'))
    with pytest.raises(LogTampered):
        study.start(log)


def test_what_can_not_be_written_stops_the_work(
    study: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = study.open()
    before = study.entries.read_bytes()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("audit.durable.os.write", full)
    with pytest.raises(LogUnwritable) as caught:
        study.start(log)
    monkeypatch.undo()
    assert caught.value.exit_code == 10
    assert study.entries.read_bytes() == before
    study.start(log).end("failed")
    assert study.verify().exit_code == 0


def test_no_witness_is_a_choice_of_the_trust_file(study: Any) -> None:
    bare = Trust(study.trust.log)
    Log.open(study.log_dir, bare, study.DAY)
    statuses = {c.name: c.status for c in study.verify().checks}
    assert statuses["witness quorum"] == "passed"
    bare.dump(study.trust_file)
    statuses = {c.name: c.status for c in study.verify().checks}
    assert statuses["witness quorum"] == "not-checked"


def test_dates_are_all_the_time_there_is(study: Any) -> None:
    study.release(study.root / "out")
    for line in study.lines():
        value = json.loads(line)
        assert date.fromisoformat(value["at"]) == study.DAY
        assert set(value) <= {"v", "seq", "type", "at", "run", "body"}
    later = study.open(datetime(2026, 11, 24, 13, 37, tzinfo=UTC))
    assert study.start(later).end("failed").at == "2026-11-24"


def test_neighbouring_runs_leave_entries_of_one_shape(study: Any, tmp_path: Path) -> None:
    """Two runs whose outputs differ leave the same entries, digests and ids aside."""
    shapes = []
    for name, content in (("one", b"noisy\n"), ("two", b"a much longer noisy release\n" * 50)):
        twin = study.copy(tmp_path / name)
        with twin.start() as run:
            run.reserve({"brands": study.loss("0.25")})
            digest = hashlib.sha256(content).hexdigest()
            run.release({"release.csv": f"sha256:{digest}"})
        lines = twin.lines()[-3:]
        shapes.append([len(line) for line in lines])
        masked = [json.loads(line) for line in lines]
        for value in masked:
            value["run"] = ""
            value["body"].pop("outputs", None)
        shapes.append(masked)
    assert shapes[0] == shapes[2]
    assert shapes[1] == shapes[3]
