"""What a policy names by digest is what is used: weights at a run, documents on request."""

import hashlib
import json
from pathlib import Path

from engine.setup import Place
from tests.conftest import Command
from tests.places import approve_policy, made_real, run_words, write_manifest


def test_a_run_through_other_weights_than_the_policy_names_is_refused(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    printed = crowdlens("policy", "models", place.policy).out
    named = json.loads(crowdlens("policy", "models", place.policy, "--json").out)["models"]
    assert len(named) > 5
    rules = place.policy.read_text()
    place.policy.write_text(rules + printed)
    approve_policy(place)
    assert crowdlens("policy", "verify", place.policy).code == 0
    photos = write_manifest(tmp_path / "photos", [])
    assert crowdlens(*run_words(place, photos, tmp_path / "one")).code == 0
    entries = (place.log / "entries.jsonl").read_bytes()

    first = next(iter(named))
    for models in ({**named, first: "sha256:" + "0" * 64}, {first: named[first]}):
        place.policy.write_text(rules + f"models: {json.dumps(models)}\n")
        approve_policy(place)
        for words in (
            ["policy", "verify", place.policy],
            run_words(place, photos, tmp_path / "two"),
        ):
            done = crowdlens(*words)
            assert (done.code, "PL-MODEL-001" in done.err) == (7, True), done.err
    assert (place.log / "entries.jsonl").read_bytes() == entries


def test_a_document_is_the_one_that_was_approved_or_is_refused(
    crowdlens: Command, place: Place, tmp_path: Path
) -> None:
    dpia = tmp_path / "dpia.md"
    dpia.write_text("We thought about it.\n")
    digest = hashlib.sha256(dpia.read_bytes()).hexdigest()
    text = made_real(place.policy.read_text(), "production", "consented-panel")
    place.policy.write_text(text.replace("a" * 64, digest))
    approve_policy(place)
    words = ("policy", "verify", place.policy, "--document", dpia)
    assert "dpia.md: the document of dpia.digest" in crowdlens(*words).out
    assert json.loads(crowdlens(*words, "--json").out)["documents"] == {"dpia.md": ["dpia.digest"]}
    dpia.write_text("We thought about it. Well.\n")
    done = crowdlens(*words)
    assert (done.code, "PL-DOC-001" in done.err) == (7, True)
    dpia.unlink()
    assert crowdlens(*words).code == 7
