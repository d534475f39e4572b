"""An evaluation of redaction, its signed record, and a run that demands it."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import skimage
from PIL import Image

from audit import Approver, Trust
from audit.keys import create_key, load_key
from engine.redaction_evaluation import RedactionEvaluation
from engine.setup import Place
from engine.study import this_redactor
from policies.approvals import public_name
from policies.decision import load_rules
from policies.evaluation_record import EvaluationRecord, evaluation_path, sign_record
from policies.policy import load_policy
from policies.redaction_choices import Redaction
from redaction import Reason
from redaction.evaluation import TrueBox, summed, unscored
from tests.conftest import Command
from tests.places import approve_policy, draw_sign, run_words

TODAY = datetime.now(UTC).date()


@pytest.fixture
def key(place: Place) -> Path:
    """Give the key of an evaluator whom the trust file knows."""
    file = place.key("evaluator")
    public = public_name(create_key(file))
    trust = Trust.load(place.trust)
    approvers = (*trust.approvers, Approver(role="evaluator", key=public))
    Trust(trust.log, trust.witnesses, trust.quorum, approvers).dump(place.trust)
    return file


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    """Give a folder of three labelled photos, one of them broken."""
    folder = tmp_path / "labelled"
    draw_sign(folder / "sign.png", "Call Ana 555-0137")
    with Image.open(Path(skimage.__file__).parent / "data" / "astronaut.png") as image:
        image.convert("RGB").save(folder / "portrait.jpg")
    (folder / "broken.png").write_bytes(b"broken")
    (folder / "truth.csv").write_text(
        "photo,kind,label,x0,y0,x1,y1\n"
        "sign.png,text,Call Ana 555-0137,20,25,310,60\n"
        "portrait.jpg,face,,180,70,270,185\n"
        "broken.png,face,,0,0,20,20\n"
    )
    return folder


def demand(place: Place, digest: str, **figures: str) -> None:
    """Write the demand into the policy and have it approved."""
    lines = [f"    record: {digest}", *(f'    {k}: "{v}"' for k, v in figures.items())]
    text = place.policy.read_text()
    section = "redaction:\n  evaluation:\n" + "\n".join(lines) + "\n"
    place.policy.write_text(text.replace("redaction:\n", section, 1))
    approve_policy(place)


@pytest.mark.models
def test_a_run_goes_ahead_with_the_evaluation_that_it_demands(
    crowdlens: Command, place: Place, key: Path, labelled: Path, no_photos: Path, tmp_path: Path
) -> None:
    words = ("evaluate", "redaction", "--photos", labelled, "--truth", labelled / "truth.csv")
    signing = ("--policy", place.policy, "--sign-with", key)
    done = crowdlens(*words, *signing, "--workers", "1", "--json", "--quiet")
    assert done.code == 0, done.err
    result = json.loads(done.out)
    assert (result["photos"], result["withheld"]) == (3, 1)
    assert result["withheld_by_reason"] == {"not-an-image": 1}
    assert result["covered"]["64+"] == result["photos_safe"] == result["text_covered_90"] == 1.0
    assert set(result["veiled_for_nothing"]) == {"face", "text"}
    assert result["seconds_per_photo"] > 0
    assert result["cpu_seconds_per_photo"] > 0
    assert result["record"] in done.err

    file = evaluation_path(place.policy)
    for secret in (b"sign.png", b"Ana", b"portrait", bytes(str(tmp_path), "utf-8")):
        assert secret not in file.read_bytes()
    again = crowdlens(*words, *signing)
    assert again.code == 2, "a record is never written over"

    demand(place, result["record"], min_face_recall="1", max_withheld="0.3334")
    verified = crowdlens("policy", "verify", place.policy)
    assert verified.code == 0, verified.err
    assert "evaluated on 3 photos" in verified.out
    assert "face_recall: 1" in verified.out
    shown = json.loads(crowdlens("policy", "verify", place.policy, "--json").out)
    assert shown["evaluation"]["figures"]["withheld"] == "0.3334"
    assert shown["evaluation"]["boxes"] == {"face": 2, "text": 1}
    assert crowdlens(*run_words(place, no_photos, tmp_path / "out")).code == 0


def all_withheld(choices: Redaction, catalogue: str | None) -> EvaluationRecord:
    """Give the record of an evaluation in which the only photo was withheld."""
    photo = unscored([TrueBox("face", (0.0, 0.0, 30.0, 30.0))], Reason.STILL_VISIBLE)
    evaluation = RedactionEvaluation(summed([photo]), choices, catalogue, "sha256:" + "0" * 64)
    return evaluation.record("evaluator", TODAY)


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        ("fine", None),
        ("missing", "PL-EVAL-002"),
        ("stranger", "PL-EVAL-004"),
        ("other weights", "PL-EVAL-005"),
        ("other choices", "PL-EVAL-006"),
        ("not reached", "PL-EVAL-008"),
        ("no catalogue", "PL-EVAL-009"),
    ],
)
def test_a_run_without_the_evaluation_is_refused_before_anything_is_read(
    crowdlens: Command, place: Place, key: Path, tmp_path: Path, case: str, rule: str | None
) -> None:
    policy = load_policy(place.policy)
    words = None if case == "no catalogue" else policy.dimensions.brand.digest
    record = all_withheld(policy.redaction, words)
    if case == "other weights":
        record = record.model_copy(update={"models": record.models[1:]})
    if case == "other choices":
        record = record.model_copy(update={"choices": Redaction(fill="solid").choices_digest})
    signer = create_key(tmp_path / "stranger.key") if case == "stranger" else load_key(key)
    if case != "missing":
        evaluation_path(place.policy).write_bytes(sign_record(record, signer))
    figure = "min_face_recall" if case == "not reached" else "min_photos_safe"
    demand(place, record.digest, **{figure: "0.5", "max_withheld": "1"})

    before = (place.log / "entries.jsonl").read_bytes()
    done = crowdlens(*run_words(place, tmp_path / "no-such-source", tmp_path / "out"))
    if rule is None:
        assert done.code == 9, "all that is wrong is the source"
        return
    assert done.code == 7, done.err
    assert rule in done.err
    assert (place.log / "entries.jsonl").read_bytes() == before
    assert not (tmp_path / "out").exists()
    assert rule in crowdlens("policy", "verify", place.policy).err


def test_this_machines_weights_are_named(place: Place) -> None:
    redactor = this_redactor(None)
    assert len(redactor.models) == len({name for name, _ in redactor.models}) > 3
    assert load_rules(place.policy).policy.redaction.evaluation is None


@pytest.mark.parametrize(
    "more",
    [
        ("--policy", "study.yaml", "--people", "people"),
        ("--policy", "study.yaml", "--catalogue", "c.yaml"),
        ("--people", "crowds"),
        ("--text", "all"),
        ("--out", "record.json"),
        ("--sign-with", "evaluator.key"),
        ("--sign-with", "evaluator.key", "--out", "record.json", "--role", "Evil Role"),
    ],
)
def test_options_that_do_not_go_together(
    crowdlens: Command, labelled: Path, more: tuple[str, ...]
) -> None:
    words = ("evaluate", "redaction", "--photos", labelled, "--truth", labelled / "truth.csv")
    assert crowdlens(*words, *more).code == 2
