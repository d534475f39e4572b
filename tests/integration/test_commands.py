"""Every command as a person uses it, with its answers on standard output."""

import json
from pathlib import Path

import pytest

from audit import Trust
from audit.keys import load_key
from engine.setup import ROLES, Place
from policies.approvals import approve, write_approvals
from policies.decision import load_rules
from tests.conftest import Command
from tests.places import BRANDS, draw_sign, made_real, make_place, run_words


def test_init_then_sign_then_verify(crowdlens: Command, tmp_path: Path) -> None:
    site = tmp_path / "site"
    assert crowdlens("init", site).code == 0
    policy = site / "study.yaml"
    assert crowdlens("policy", "lint", policy).out.startswith("study.yaml: fine, sha256:")
    refused = crowdlens("policy", "verify", policy)
    assert refused.code == 7
    assert "PL-APPR-002" in refused.err
    for role in ("steward", "reviewer"):
        key = site / "keys" / f"{role}.key"
        assert crowdlens("policy", "sign", policy, "--role", role, "--key", key).code == 0
    verified = crowdlens("policy", "verify", policy, "--json")
    assert verified.code == 0
    roles = [approval["role"] for approval in json.loads(verified.out)["approvals"]]
    assert roles == ["reviewer", "steward"]
    assert crowdlens("audit", "verify", "--log", site / "log").code == 0


def test_init_touches_nothing_that_is_there(crowdlens: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    done = crowdlens("init", tmp_path / "mine")
    assert done.code == 2
    assert [f.name for f in (tmp_path / "mine").iterdir()] == ["file"]


def test_private_keys_are_for_their_owner_only(place: Place) -> None:
    keys = [*place.root.rglob("*.key")]
    assert len(keys) == 4
    assert all(key.stat().st_mode & 0o777 == 0o600 for key in keys)


def test_a_change_after_signing_undoes_the_approval(crowdlens: Command, place: Place) -> None:
    assert crowdlens("policy", "verify", place.policy).code == 0
    place.policy.write_text(place.policy.read_text().replace("max_cells: 6", "max_cells: 7"))
    assert crowdlens("policy", "verify", place.policy).code == 7


def test_signing_with_a_key_that_nobody_trusts(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    other = make_place(tmp_path / "other")
    approvals = place.root / "study.approvals.json"
    approvals.unlink()
    words = ("policy", "sign", place.policy, "--role", "reviewer", "--key")
    for key in (other.key("reviewer"), place.key("steward")):
        refused = crowdlens(*words, key)
        assert refused.code == 5
        assert "not trusted in the role reviewer" in refused.err
    assert not approvals.exists()
    # Signed for these rules and this log all the same, by whoever made an envelope themselves.
    policy, log = load_rules(place.policy).policy, Trust.load(place.trust).log.name
    write_approvals(
        approvals, [approve(policy, role, load_key(other.key(role)), log) for role in ROLES]
    )
    assert crowdlens("policy", "verify", place.policy).code == 5


def test_an_approval_that_can_not_be_written_is_no_fault_of_ours(
    crowdlens: Command, place: Place
) -> None:
    before = (place.root / "study.approvals.json").read_bytes()
    (place.root / "study.approvals.json.new").mkdir()  # whoever runs this test may write anywhere
    done = crowdlens(
        "policy", "sign", place.policy, "--role", "steward", "--key", place.key("steward")
    )
    assert done.code == 10
    assert "nothing was signed" in done.err
    assert (place.root / "study.approvals.json").read_bytes() == before


def test_show_marks_defaults(crowdlens: Command, place: Place) -> None:
    lines = crowdlens("policy", "show", place.policy).out.splitlines()
    assert any(line.startswith("redaction.faces: veil") and "default" in line for line in lines)
    assert "version: 1" in lines
    shown = json.loads(crowdlens("policy", "show", place.policy, "--json").out)
    assert shown["policy"]["biometrics"] == "forbidden"


def test_lint_says_line_rule_and_fix(crowdlens: Command, place: Place) -> None:
    place.policy.write_text(place.policy.read_text().replace('epsilon: "4"', "epsilon: 4.0"))
    done = crowdlens("policy", "lint", place.policy)
    assert done.code == 2
    assert "study.yaml:" in done.err
    assert "PL-NUM-001" in done.err
    assert "Fix:" in done.err
    findings = json.loads(crowdlens("policy", "lint", place.policy, "--json").out)["findings"]
    assert findings[0]["field"] == "budget.total.epsilon"


def test_a_catalogue_is_made_and_shown(crowdlens: Command, tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    assert crowdlens("catalogue", "init", file, "Brightwater", "Red Bull").code == 0
    assert crowdlens("catalogue", "init", file, "Other").code == 2
    shown = json.loads(crowdlens("catalogue", "show", file, "--json").out)
    assert [brand["name"] for brand in shown["brands"]] == ["Brightwater", "Red Bull"]
    assert shown["digest"].startswith("sha256:")
    clash = crowdlens("catalogue", "init", tmp_path / "two.yaml", "A-B", "ab")
    assert clash.code == 2
    assert not (tmp_path / "two.yaml").exists()


def test_the_budget_is_added_up_from_the_log(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    assert crowdlens("budget", "--log", place.log).out == "No dataset has spent anything yet.\n"
    assert crowdlens(*run_words(place, no_photos, tmp_path / "out")).code == 0
    (dataset,) = json.loads(crowdlens("budget", "--log", place.log, "--json").out)["datasets"]
    assert dataset["spent"]["epsilon"] == dataset["published"]["epsilon"] == "1"
    assert dataset["left"]["epsilon"] == "3"
    assert "about 3 more releases" in crowdlens("budget", "--log", place.log).out


def test_the_log_is_shown_entry_by_entry(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    assert crowdlens(*run_words(place, no_photos, tmp_path / "out")).code == 0
    entries = json.loads(crowdlens("audit", "show", "--log", place.log, "--json").out)
    assert [entry["type"] for entry in entries] == [
        "log.open",
        "dataset.declare",
        "policy.adopt",
        "run.start",
        "run.inputs",
        "budget.reserve",
        "release",
    ]
    assert "budget.reserve" in crowdlens("audit", "show", "--log", place.log).out


def test_what_was_not_checked_is_never_passed_over(crowdlens: Command, place: Place) -> None:
    said = crowdlens("audit", "verify", "--log", place.log).out
    assert "not checked  outputs" in said
    assert "not checked  anchors" in said
    assert said.splitlines()[-1].endswith("4 not checked, see above")
    (place.root / "witness").rename(place.root / "away")
    away = crowdlens("audit", "verify", "--log", place.log)
    assert away.code == 0, "an auditor need not reach the witness: it has cosigned"
    assert away.out.splitlines()[-1].endswith("5 not checked, see above")


def test_a_release_is_proven_without_the_log(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    assert crowdlens(*run_words(place, no_photos, out)).code == 0
    place.log.rename(tmp_path / "elsewhere")
    for proof in (out, out / "release.tlog-proof"):
        assert crowdlens("audit", "verify-proof", proof, "--trust", place.trust).code == 0
    wrong = crowdlens("audit", "verify-proof", out / "release.csv", "--trust", place.trust)
    assert wrong.code == 2
    other = make_place(tmp_path / "other")
    assert crowdlens("audit", "verify-proof", out, "--trust", other.trust).code == 5
    (out / "release.csv").write_text("statistic,value\n")
    assert crowdlens("audit", "verify-proof", out, "--trust", place.trust).code == 8


def test_redacted_copies_are_refused_but_for_test_policies(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    place.policy.write_text(made_real(place.policy.read_text(), "pilot", "public-posts"))
    done = crowdlens("redact", no_photos, "--out", tmp_path / "c", "--policy", place.policy)
    assert done.code == 7
    assert "PL-CLASS-001" in done.err
    assert not (tmp_path / "c").exists()


def test_redacted_copies_are_counted_by_kind(
    crowdlens: Command, place: Place, no_photos: Path, tmp_path: Path
) -> None:
    words = ("redact", no_photos, "--out", tmp_path / "c", "--policy", place.policy)
    told = json.loads(crowdlens(*words, "--json").out)
    kinds = ("face", "person", "code", "plate", "text", "remnant")
    assert told["veiled"] == dict.fromkeys(kinds, 0)
    assert (told["written"], told["withheld"], told["withheld_by_reason"]) == (0, 0, {})
    assert (tmp_path / "c" / "index.html").is_file()
    again = crowdlens(*words)
    assert again.code == 2, "what is there is not written over"


@pytest.mark.models
def test_brands_are_evaluated_against_the_truth(crowdlens: Command, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    draw_sign(photos / "a.png", "Brightwater")
    draw_sign(photos / "b.png", "Kestrel")
    draw_sign(photos / "c.png", "Lost cat")
    (photos / "d.png").write_bytes(b"broken")
    truth = tmp_path / "truth.csv"
    truth.write_text(
        "photo,kind,label,x0,y0,x1,y1\n"
        "a.png,brand,Brightwater,,,,\n"
        "b.png,brand,Brightwater,,,,\n"
        "c.png,scene,street,,,,\n"
        "d.png,brand,Nimbus,,,,\n"
    )
    catalogue = tmp_path / "catalogue.yaml"
    assert crowdlens("catalogue", "init", catalogue, *BRANDS).code == 0
    words = ("evaluate", "brands", "--photos", photos, "--truth", truth, "--catalogue", catalogue)
    done = crowdlens(*words, "--workers", "1", "--json")
    assert done.code == 0, done.err
    scores = json.loads(done.out)
    assert (scores["precision"], scores["recall"]) == (0.5, round(1 / 3, 4))
    assert (scores["photos"], scores["withheld"]) == (4, 1)
    assert scores["per_label"]["Kestrel"] == {"precision": 0.0, "recall": 1.0, "f1": 0.0}
    assert scores["seconds_per_photo"] > 0


@pytest.mark.models
def test_the_doctor_examines_machine_and_log(crowdlens: Command, place: Place) -> None:
    done = crowdlens("doctor", "--log", place.log, "--json")
    assert done.code == 0, done.out
    findings = json.loads(done.out)["findings"]
    assert all(finding["status"] != "problem" for finding in findings)
    place.log.joinpath("private", "log.key").chmod(0o644)
    assert crowdlens("doctor", "--log", place.log).code == 2


def test_wrong_usage_is_exit_code_2(crowdlens: Command, place: Place) -> None:
    assert crowdlens("run").code == 2
    assert crowdlens("run", place.policy, "--photos", "x", "--engine", "abacus").code == 2
    assert crowdlens("nonsense").code == 2


def test_help_names_every_exit_code(crowdlens: Command) -> None:
    done = crowdlens("--help")
    assert done.code == 0
    for code in range(11):
        assert f" {code} " in done.out


def test_a_fault_of_ours_is_one_sentence_and_no_values(
    crowdlens: Command, monkeypatch: pytest.MonkeyPatch, place: Place
) -> None:
    from policies import decision

    def broken(path: Path) -> None:
        secret = "zq-secret"
        raise RuntimeError(secret)

    monkeypatch.setattr(decision, "load_policy", broken)
    done = crowdlens("policy", "lint", place.policy)
    assert done.code == 1
    assert "zq-secret" not in done.err
    assert "Traceback" not in done.err
    traced = crowdlens("--debug", "policy", "lint", place.policy)
    assert "zq-secret" not in traced.err
    assert "in broken" in traced.err
