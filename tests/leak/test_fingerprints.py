"""Fingerprints of redacted photos are in nothing that a run leaves, says or writes on the way."""

import base64
from pathlib import Path

import pytest
from PIL import Image
from skimage import data

from engine.photo_job import PhotoJob
from engine.sources import FolderSource
from engine.study import recognition_rules_of, redaction_rules_of
from policies.decision import load_rules
from tests.leak.watched import watched
from tests.places import approve_policy, make_place, run_words, write_manifest


def _spellings(fingerprint: bytes) -> list[bytes]:
    """As whoever writes it down might: 8 bytes of it in a row are enough."""
    parts = [fingerprint[at : at + 8] for at in range(0, len(fingerprint), 8)]
    spelled = [base64.b64encode(fingerprint)[:40], *parts, *(part[::-1] for part in parts)]
    for part in parts:
        spelled += [part.hex().encode(), part[::-1].hex().encode()]
        spelled += [str(int.from_bytes(part, order)).encode() for order in ("big", "little")]
    return spelled


@pytest.mark.models
def test_no_fingerprint_is_in_anything_a_run_leaves(tmp_path: Path) -> None:
    place = make_place(tmp_path / "site", approved=False)
    text = place.policy.read_text(encoding="utf-8")
    assert "by: [brand, week]" in text
    asked = text.replace("by: [brand, week]", "kind: photos\n    clip: 2\n    by: [brand]")
    place.policy.write_text(asked, encoding="utf-8")
    approve_policy(place)
    folder = tmp_path / "source"
    folder.mkdir()
    for name, picture in (("a", data.coffee()), ("b", data.rocket()), ("c", data.coffee())):
        Image.fromarray(picture).save(folder / f"{name}.png")
    rows = [(f"{name}.png", "ana", "2026-06-02") for name in "abc"]
    write_manifest(folder, rows)

    rules = load_rules(place.policy)
    job = PhotoJob(redaction_rules_of(rules), recognition_rules_of(rules), fingerprints=True)
    job.prepare()
    days = rules.policy.dimensions.days
    looked = [job(photo) for photo in FolderSource(folder).photos(*days, bytes(32))]
    fingerprints = [seen.fingerprint for seen in looked if seen is not None]
    assert len(fingerprints) == 3
    assert all(fingerprints)

    out = tmp_path / "out" / "release"
    done = watched(run_words(place, folder, out), tmp_path)
    leavings = done.leavings(place.root, out.parent)
    for where, content in leavings.items():
        for fingerprint in fingerprints:
            assert fingerprint is not None
            for spelled in _spellings(fingerprint):
                assert spelled not in content, f"a fingerprint is in {where}"


def test_a_fingerprint_would_be_found() -> None:
    fingerprint = bytes(range(32))
    for written in (fingerprint, fingerprint.hex().encode(), base64.b64encode(fingerprint)):
        assert any(spelled in b"{" + written + b"}" for spelled in _spellings(fingerprint))
