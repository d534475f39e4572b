"""Of an account that objects nothing is left behind, and no photo of it is opened."""

import hashlib
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from audit import Trust, verify
from engine.optouts import add_accounts, create_list, create_secret
from engine.setup import Place
from tests.leak.watched import watched
from tests.places import approve_policy, draw_sign, make_place, run_words, write_manifest

OBJECTOR = "zq-objector-canary"
PHOTO = "zq-photo-canary"
MARKERS = (OBJECTOR, PHOTO, "zq-")
BY_RUN = "optouts: {applied: by-run, max_age_days: 7}\n"


def with_list(place: Place, accounts: list[str]) -> list[object]:
    """Have the policy demand a list, make it, and return the words that give it to a run."""
    place.policy.write_text(place.policy.read_text() + BY_RUN)
    approve_policy(place)
    listed, key = place.root / "optouts.json", place.root / "keys" / "optouts.key"
    today = datetime.now(UTC).date()
    secret = create_secret(key)
    create_list(listed, "test-photos", secret, today)
    if accounts:
        add_accounts(listed, secret, accounts, today)
    return ["--optouts", listed, "--optouts-key", key]


@pytest.mark.models
def test_nothing_of_who_objects_is_opened_or_left(tmp_path: Path) -> None:
    place = make_place(tmp_path / "site")
    words = with_list(place, [OBJECTOR, "somebody else"])
    source = tmp_path / "source"
    draw_sign(source / f"{PHOTO}.png", "Brightwater")
    draw_sign(source / "kept.png", "Kestrel")
    write_manifest(
        source,
        [
            (f"{PHOTO}.png", f" {OBJECTOR.upper()}", "2026-06-02"),
            (f"{PHOTO}.png", f"@{OBJECTOR}", "2026-06-09"),
            ("kept.png", "ana", "2026-06-02"),
        ],
    )
    out, reads = tmp_path / "out" / "release", tmp_path / "reads"
    run = run_words(place, source, out, *words)
    done = watched(run, tmp_path, CROWDLENS_TEST_READS=str(reads))

    opened = {os.fsdecode(line) for line in reads.read_bytes().splitlines()}
    assert str(source / "kept.png") in opened, "the recorder must see what workers read"
    assert str(source / f"{PHOTO}.png") not in opened

    leavings = done.leavings(place.root, out.parent)
    listed = place.root / "optouts.json"
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in MARKERS]
    digests.append(hashlib.sha256(listed.read_bytes()).hexdigest())
    for where, data in leavings.items():
        for marker in (*MARKERS, *digests):
            assert marker.encode() not in data.lower(), f"{marker} is in {where}"
    # What keys it in the list is nowhere but in the list.
    marks = json.loads(listed.read_text())["accounts"]
    for where, data in leavings.items():
        assert where == str(listed) or not any(mark.encode() in data for mark in marks), where


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _shape(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_shape(part) for part in value]
    return len(value) if isinstance(value, str) else value


def test_logs_have_one_shape_whoever_objects_and_whatever_is_read(
    crowdlens, tmp_path: Path
) -> None:
    """None of these photos can be opened, so the runs need no models."""
    rows = [(f"{n}.png", f"account-{n}", "2026-06-02") for n in range(7)]
    shapes, lengths = [], []
    for number, (accounts, kept) in enumerate(
        (
            ([], rows),
            (["account-3"], rows),
            ([f"account-{n}" for n in range(7)], rows),
            (["account-3", *(f"other-{n}" for n in range(50))], rows[:2]),
            ([], []),
        )
    ):
        place = make_place(tmp_path / f"site-{number}")
        words = with_list(place, accounts)
        source = write_manifest(tmp_path / f"source-{number}", kept)
        out = tmp_path / f"release-{number}"
        done = crowdlens(*run_words(place, source, out, "--quiet", *words))
        assert done.code == 0, done.err
        entries = verify(place.log, Trust.load(place.trust)).entries
        values = [entry.model_dump(mode="json", by_alias=True) for entry in entries]
        assert [v["type"] for v in values].count("run.inputs") == 1
        shapes.append([_shape(value) for value in values])
        private = sorted((place.log / "private" / "commitments").iterdir())
        sizes = [(place.log / "entries.jsonl").stat().st_size, *(f.stat().st_size for f in private)]
        lengths.append(sizes)
    assert all(shape == shapes[0] for shape in shapes)
    assert all(sizes == lengths[0] for sizes in lengths)
