"""The doctor finds each thing that is wrong with a set-up, and says how to mend it."""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from audit import Trust
from engine.doctor import Finding, examine, keeping, machine
from engine.doctor.study import apart_from_tests, policy_ready
from engine.setup import Place
from tests.places import approve_policy, made_real, make_place, run_words

TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def _no_models(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave the nets out, which take seconds; `test_models` looks at them."""

    def none() -> Iterator[Finding]:
        yield from ()

    monkeypatch.setattr(machine, "models_present", none)


def found(place: Place, today: date = TODAY, **more: object) -> dict[str, Finding]:
    given = {"log": place.log, "trust": place.trust, **more}
    return {f.name: f for f in examine(today, **given)}  # type: ignore[arg-type]


def problems(findings: dict[str, Finding]) -> dict[str, str]:
    return {name: f.explanation for name, f in findings.items() if f.status == "problem"}


def test_a_place_that_was_just_made_has_no_problem_and_some_advice(place: Place) -> None:
    findings = found(place, policy=place.policy)
    assert problems(findings) == {}
    advised = {name for name, f in findings.items() if f.status == "advice"} - {
        "swap",
        "core dumps",
    }
    assert advised == {"trust file", "witness", "approvers' keys", "policy"}
    assert all(f.fix for f in findings.values() if f.status == "advice")
    assert "may run today" in findings["approvals"].explanation


@pytest.mark.parametrize(
    "file",
    ["log/private/log.key", "keys/steward.key", "witness"],
    ids=["log", "approver", "witness"],
)
def test_keys_that_others_can_read(place: Place, file: str) -> None:
    path = place.root / file
    key = path if path.is_file() else next(path.rglob("*.key"))
    key.chmod(0o640)
    finding = found(place)["private keys"]
    assert (finding.status, finding.fix[:5]) == ("problem", "chmod")


def test_a_trust_file_that_is_gone_or_that_others_can_change(place: Place, tmp_path: Path) -> None:
    place.trust.chmod(0o666)
    assert problems(found(place)) == {"trust file": "others can change it"}
    apart = tmp_path / "elsewhere" / "trust.yaml"
    apart.parent.mkdir()
    Trust.load(place.trust).dump(apart)
    apart.chmod(0o644)
    assert found(place, trust=apart)["trust file"].status == "fine"
    place.trust.unlink()
    gone = found(place)
    assert problems(gone) == {"trust file": "it is not there"}
    assert gone["trust file"].exit_code == 5
    place.trust.write_text("nonsense: 1\n")
    assert "trust file" in problems(found(place))


def test_a_witness_that_can_not_be_reached(place: Place) -> None:
    os.rename(place.witness, place.root / "unmounted")
    finding = found(place)["witness"]
    assert (finding.status, finding.exit_code) == ("problem", 6)
    assert "Mount it" in finding.fix


def test_a_witness_whose_memory_is_gone(place: Place) -> None:
    (place.witness / "checkpoint").unlink()
    finding = found(place)["witness"]
    assert (finding.status, finding.exit_code) == ("problem", 6)
    assert "mounted" in finding.fix


def test_a_log_that_was_tampered_with(place: Place) -> None:
    entries = place.log / "entries.jsonl"
    entries.write_bytes(entries.read_bytes().replace(b"log.open", b"log.oped"))
    assert [name for name in problems(found(place)) if name.startswith("log: ")]


def test_a_clock_that_is_behind_the_log(place: Place) -> None:
    finding = found(place, TODAY - timedelta(days=1))["clock"]
    assert finding.status == "problem"
    assert "time service" in finding.fix
    assert machine.clock(TODAY, None).status in ("fine", "not checked")


def test_a_disk_that_is_nearly_full(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_ROOM", 10**18)
    assert "disk" in problems(found(place))


def test_a_policy_that_is_not_approved_or_broken_or_out_of_time(place: Place) -> None:
    late = found(place, TODAY + timedelta(days=900), policy=place.policy)
    assert "PL-TIME-001" in problems(late)["approvals"]
    text = place.policy.read_text()
    place.policy.write_text(text.replace("max_cells: 6", "max_cells: 5"))
    changed = found(place, policy=place.policy)
    assert list(problems(changed)) == ["approvals"]
    assert changed["approvals"].fix
    place.policy.write_text("schema: none\n")
    assert list(problems(found(place, policy=place.policy))) == ["policy"]


def test_a_policy_without_a_log_is_looked_at_as_far_as_it_can_be(place: Place) -> None:
    findings = list(policy_ready(place.policy, None, TODAY))
    assert [f.status for f in findings] == ["advice", "not checked"]
    late = list(policy_ready(place.policy, None, TODAY + timedelta(days=900)))
    assert [f.status for f in late] == ["advice", "problem"]
    assert "PL-TIME-001" in late[1].explanation


def test_a_test_policy_in_a_log_of_real_studies(crowdlens, no_photos: Path, tmp_path: Path) -> None:
    place = make_place(tmp_path / "site", approved=False)
    test = place.policy.read_text()
    place.policy.write_text(made_real(test, "pilot", "consented-panel"))
    approve_policy(place)
    assert crowdlens(*run_words(place, no_photos, tmp_path / "out")).code == 0
    assert found(place, policy=place.policy)["tests"].status == "fine"
    place.policy.write_text(test)
    finding = found(place, policy=place.policy)["tests"]
    assert (finding.status, finding.exit_code) == ("problem", 7)
    checked, _ = keeping.log_sound(place.log, Trust.load(place.trust), online=False)
    assert apart_from_tests(checked, None).status == "fine"


@pytest.mark.models
def test_models_that_are_there_have_their_digests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    findings = list(machine.models_present())
    assert {f.status for f in findings} == {"fine"}
    assert len(findings) > 8
    assert all(f.explanation.startswith("sha256:") for f in findings)


def test_a_model_that_is_not_what_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    import redaction
    from redaction.errors import RedactionError

    def refuses() -> None:
        raise RedactionError("a model's digest is not the one that was checked")

    monkeypatch.setattr(redaction, "warm_up", refuses)
    (finding,) = machine.models_present()
    assert finding.status == "problem"
    assert "Install Crowdlens again" in finding.fix
