"""Training from the command line: what is refused, what is published, and what it costs."""

import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load_file

from audit import RunStart, Trust, verify
from engine.learning import train as training
from engine.learning.interface import Floats, Save, State
from engine.setup import Place
from policies.canonical import digest_of_bytes
from policies.heads import read_head_record
from tests.conftest import Command
from tests.places import approve_policy, make_place, run_words, write_manifest
from tests.training_places import (
    draw_mark,
    make_training_place,
    marked_photos,
    reserved,
    train_words,
    write_lessons,
)

WHOLE = [("a.png", "brand", "Kestrel"), ("b.png", "brand", "Nimbus"), ("a.png", "scene", "beach")]


@pytest.fixture
def teaching(tmp_path: Path) -> Place:
    """Give a place whose policy releases a head."""
    return make_training_place(tmp_path / "site")


@pytest.fixture
def past(tmp_path: Path) -> Path:
    """Give a source whose photos are outside the policy's weeks: a training without models."""
    rows = [("a.png", "ana", "2001-01-01"), ("./b.png", "ben", "2001-01-01")]
    return write_manifest(tmp_path / "past", rows)


def entries(place: Place) -> bytes:
    return (place.log / "entries.jsonl").read_bytes()


def test_a_head_that_nobody_taught_is_noise_and_is_paid_for(
    crowdlens: Command, teaching: Place, past: Path, tmp_path: Path
) -> None:
    labels, out = write_lessons(tmp_path / "labels.csv", WHOLE), tmp_path / "model"
    words = train_words(teaching, past, labels, out)
    done = crowdlens(*words, "--json")
    assert done.code == 0, done.err
    told = json.loads(done.out)
    assert told["outcome"] == "published"
    assert (told["epsilon"], told["delta"]) == ("8.5", "1e-6")
    assert sorted(file.name for file in out.iterdir()) == [
        "model-card.md",
        "model.safetensors",
        "release.tlog-proof",
    ]
    assert told["model"] == digest_of_bytes((out / "model.safetensors").read_bytes())
    found = verify(teaching.log, Trust.load(teaching.trust), releases=[out])
    assert found.exit_code == 0
    assert [e.type for e in found.entries[-4:]] == [
        *("run.start", "run.inputs", "budget.reserve", "release")
    ]
    weights = load_file(out / "model.safetensors")["weights"]
    assert weights.shape == (3, 128)
    assert np.isfinite(weights).all()
    record, _ = read_head_record(out / "model.safetensors")
    assert record.labels == ["Kestrel", "Nimbus"]
    assert record.cost.epsilon == "8"
    assert record.training.steps == 4
    card = (out / "model-card.md").read_text()
    assert told["model"] in card
    assert "epsilon 8, delta 1e-6" in card
    # Given again, nothing is drawn; and a release is of one sort.
    before = entries(teaching)
    again = crowdlens(*words, "--json")
    assert json.loads(again.out) == {**told, "outcome": "already there"}
    other = crowdlens(*run_words(teaching, past, out))
    assert (other.code, entries(teaching)) == (2, before)
    assert "of another sort" in other.err


@pytest.mark.parametrize(
    ("lessons", "said"),
    [
        ([*WHOLE, ("zq-gone.png", "brand", "Nimbus")], "row 4: the source has no photo"),
        ([*WHOLE, ("a.png", "brand", "zq-label")], "row 4: its label is none"),
        ([("a.png", "brand", "")], "one class only"),
        ([("a.png", "scene", "beach")], "no row of kind brand"),
        ([], "has no rows"),
        (WHOLE[:1], "no row for 'Nimbus'"),
        ([*WHOLE, ("a.png", "brand", "Nimbus", 9, 9, 1, 1)], "row 4: the box is not one"),
        ([*WHOLE, ("../a.png", "brand", "Nimbus")], "row 4: the photo's path"),
    ],
)
def test_labels_that_can_not_be_trained_from_cost_nothing(
    crowdlens: Command,
    teaching: Place,
    past: Path,
    tmp_path: Path,
    lessons: list[tuple[object, ...]],
    said: str,
) -> None:
    labels, before = write_lessons(tmp_path / "labels.csv", lessons), entries(teaching)
    done = crowdlens(*train_words(teaching, past, labels, tmp_path / "model"))
    assert done.code == 9, done.err
    assert said in done.err
    assert "zq-" not in done.out + done.err
    assert entries(teaching) == before
    assert not (tmp_path / "model").exists()


def test_what_can_not_be_read_costs_nothing(
    crowdlens: Command, teaching: Place, past: Path, tmp_path: Path
) -> None:
    before = entries(teaching)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\0")
    labels = write_lessons(tmp_path / "labels.csv", WHOLE)
    for photos, file in (
        (past, tmp_path / "none.csv"),
        (past, tmp_path / "binary.csv"),
        (tmp_path / "nowhere", labels),
    ):
        done = crowdlens(*train_words(teaching, photos, file, tmp_path / "model"))
        assert done.code == 9, done.err
    half = crowdlens(
        *train_words(teaching, past, labels, tmp_path / "m", "--store", tmp_path / "s")
    )
    assert (half.code, "belong together" in half.err) == (2, True)
    assert entries(teaching) == before


def test_what_the_policy_or_the_budget_does_not_allow_costs_nothing(
    crowdlens: Command, past: Path, tmp_path: Path
) -> None:
    labels = write_lessons(tmp_path / "labels.csv", WHOLE)
    without = make_place(tmp_path / "without")
    before = entries(without)
    done = crowdlens(*train_words(without, past, labels, tmp_path / "model"))
    assert (done.code, "releases no model" in done.err) == (7, True)
    assert entries(without) == before
    dear = make_training_place(tmp_path / "dear", epsilon="3500", total="4000")
    done = crowdlens(*train_words(dear, past, labels, tmp_path / "model1"))
    assert done.code == 0, done.err
    before = entries(dear)
    done = crowdlens(*train_words(dear, past, labels, tmp_path / "model2"))
    assert (done.code, "remaining" in done.err) == (7, True)
    assert entries(dear) == before


@pytest.mark.parametrize(
    "consents",
    [
        (("no", "no"), ("maybe", "")),
        # With photos that are opened, the models are loaded.
        pytest.param((("yes", "yes"), ("no", "yes"), ("no", "no")), marks=pytest.mark.slow),
    ],
)
def test_who_objects_changes_no_answer(
    crowdlens: Command, teaching: Place, tmp_path: Path, consents: tuple[tuple[str, str], ...]
) -> None:
    """A label of a photo that is not let in is no mistake, and nobody learns that it was not."""
    folder, told = tmp_path / "source", set()
    labels = write_lessons(tmp_path / "labels.csv", WHOLE)
    for number, words in enumerate(consents):
        rows = [(f"{n}.png", n, f"2026-06-02,{word}") for n, word in zip("ab", words, strict=True)]
        write_manifest(folder, rows)
        manifest = (folder / "photos.csv").read_text()
        (folder / "photos.csv").write_text(manifest.replace("taken_at\n", "taken_at,consent\n"))
        done = crowdlens(*train_words(teaching, folder, labels, tmp_path / f"model{number}"))
        told.add((done.code, done.err.replace(f"model{number}", "model")))
    assert len(told) == 1
    assert next(iter(told))[0] == 0


@pytest.mark.parametrize("step", [pytest.param(1, marks=pytest.mark.slow), 3])
def test_killed_between_steps_it_goes_on_and_pays_once(
    crowdlens: Command,
    teaching: Place,
    past: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    step: int,
) -> None:
    labels, out = write_lessons(tmp_path / "labels.csv", WHOLE), tmp_path / "model"
    store, key = tmp_path / "store", tmp_path / "store.key"
    words = train_words(teaching, past, labels, out, "--store", store, "--store-key", key)
    from engine.learning.descent import descend

    begun: list[int] = []

    def watched(*given: Any, save: Save, state: State | None, deadly: bool, **named: Any) -> Floats:
        begun.append(0 if state is None else state.step)

        def saved(reached: State) -> None:
            save(reached)
            if deadly and reached.step == step:
                raise KeyboardInterrupt

        return descend(*given, save=saved, state=state, **named)

    with monkeypatch.context() as patched:
        patched.setattr(training, "descend", partial(watched, deadly=True))
        assert crowdlens(*words).code == 130
    assert reserved(teaching) == 1
    assert not out.exists()
    assert {file.name for file in store.iterdir()} == {"lock", "start", "state"}
    # Other labels, or other photos, are not what was paid for: refused, and nothing is lost.
    before = entries(teaching)
    changed = write_lessons(tmp_path / "other.csv", WHOLE[:2])
    other = train_words(teaching, past, changed, out, "--store", store, "--store-key", key)
    assert crowdlens(*other).code == 9
    assert entries(teaching) == before
    monkeypatch.setattr(training, "descend", partial(watched, deadly=False))
    done = crowdlens(*words)
    assert done.code == 0, done.err
    assert reserved(teaching) == 1
    assert begun == [0, step]
    assert not store.exists()
    assert not key.exists()
    found = verify(teaching.log, Trust.load(teaching.trust), releases=[out])
    assert found.exit_code == 0


def test_a_training_that_fails_after_it_has_paid_says_so(
    crowdlens: Command,
    teaching: Place,
    past: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from engine.learning.errors import TrainingRefused

    labels = write_lessons(tmp_path / "labels.csv", WHOLE)

    def fails(*_: object, **__: object) -> object:
        raise TrainingRefused("no")

    monkeypatch.setattr(training, "descend", fails)
    done = crowdlens(*train_words(teaching, past, labels, tmp_path / "model"))
    assert done.code == 7
    assert "What was reserved stays spent." in done.err
    assert reserved(teaching) == 1


@pytest.mark.models
@pytest.mark.slow
def test_a_head_finds_in_a_run_what_it_was_taught(crowdlens: Command, tmp_path: Path) -> None:
    # So much epsilon that the noise is next to none: what is shown is the way, not the promise.
    place = make_training_place(tmp_path / "site", epsilon="2000", epochs="20")
    photos, labels = marked_photos(tmp_path / "photos", 18)
    done = crowdlens(*train_words(place, photos, labels, tmp_path / "model"))
    assert done.code == 0, done.err
    head = place.root / "marks.safetensors"
    head.write_bytes((tmp_path / "model" / "model.safetensors").read_bytes())
    digest = digest_of_bytes(head.read_bytes())
    named = f"recognition:\n  heads: [{{file: {head.name}, digest: {digest}}}]\n"
    text = place.policy.read_text().replace("recognition:\n", named)
    text = text.replace("version: 1", "version: 2")
    place.policy.write_text(
        text.replace('by: [brand, week]\n    epsilon: "1"', 'by: [brand, week]\n    epsilon: "90"')
    )
    approve_policy(place)
    fresh = tmp_path / "fresh"
    rows = []
    for at in range(4):
        draw_mark(fresh / f"{at}.png", "Kestrel" if at < 3 else None, 100 + at)
        rows.append((f"{at}.png", f"d{at}", "2026-06-02"))
    write_manifest(fresh, rows)
    done = crowdlens(*run_words(place, fresh, tmp_path / "release", "--quiet"))
    assert done.code == 0, done.err
    table = (tmp_path / "release" / "release.csv").read_text().splitlines()
    values = {tuple(r.split(",")[1:3]): int(r.split(",")[3]) for r in table[1:]}
    # Redaction may take one mark for a plate or a word.
    assert values["Kestrel", "2026-W23"] >= 2
    assert values["Nimbus", "2026-W23"] == 0
    started = [e.body for e in verify(place.log, Trust.load(place.trust)).entries]
    runs = [body for body in started if isinstance(body, RunStart)]
    assert digest in {model.digest for model in runs[-1].models}
