from pathlib import Path
from typing import Any

import pytest

from audit import (
    PROOF_NAME,
    LogCut,
    LogTampered,
    NoteInvalid,
    OutputDiffers,
    ProofInvalid,
    SignatureUntrusted,
    TlogProof,
    Trust,
    WitnessMissing,
    prove,
    verify_release,
)
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.keys import load_key
from audit.merkle import leaf_hash
from audit.note import SignedNote, sign_note


@pytest.fixture
def copied(finished: Any, tmp_path: Path) -> Any:
    return finished.copy(tmp_path / "copy")


def test_every_entry_can_be_proved_without_the_log(finished: Any) -> None:
    trust = finished.trust
    for seq, line in enumerate(finished.lines()):
        made = prove(finished.log_dir, trust, seq)
        parsed = TlogProof.parse(made.to_bytes())
        assert parsed == made
        assert parsed.verify(trust).line() == line
        bare = TlogProof(made.index, made.hashes, made.checkpoint)
        assert TlogProof.parse(bare.to_bytes()).verify(trust, line).seq == seq
        with pytest.raises(ProofInvalid):
            bare.verify(trust)
        with pytest.raises(ProofInvalid):
            made.verify(trust, finished.lines()[seq - 1])


def test_the_text_is_the_specifications(finished: Any) -> None:
    made = prove(finished.log_dir, finished.trust, 5)
    text = TlogProof(made.index, made.hashes, made.checkpoint).to_bytes().decode()
    lines = text.split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 5"]
    assert lines[2 + len(made.hashes)] == ""
    assert text.endswith(finished.checkpoint.read_text())


def test_an_entry_is_proved_at_its_own_number_only(finished: Any) -> None:
    # What a thief of the log's key could sign: a true entry at another place.
    line, trust = finished.lines()[5], Trust(finished.trust.log)
    private = load_key(finished.log_dir / "private/log.key")
    text = Checkpoint(trust.log.name, 1, leaf_hash(line)).text()
    note = sign_note(text, trust.log.name, private)
    proof = TlogProof(0, (), SignedCheckpoint.parse(note.to_bytes()), line)
    with pytest.raises(ProofInvalid):
        proof.verify(trust)


def test_no_proof_of_what_is_not_sealed(copied: Any) -> None:
    for seq in (-1, 6, 99):
        with pytest.raises(ProofInvalid):
            prove(copied.log_dir, copied.trust, seq)
    copied.entries.write_bytes(b"".join(line + b"\n" for line in copied.lines()[:-1]))
    with pytest.raises(LogCut):
        prove(copied.log_dir, copied.trust, 0)


def test_a_proof_is_believed_by_the_trust_file_alone(finished: Any, tmp_path: Path) -> None:
    made = prove(finished.log_dir, finished.trust, 5)
    stranger = type(finished).create(tmp_path / "stranger")
    with pytest.raises(SignatureUntrusted):
        made.verify(stranger.trust)
    text, signatures = made.checkpoint.note.text, made.checkpoint.note.signatures
    unwitnessed = made.to_bytes().replace(signatures[1].line().encode(), b"")
    assert SignedNote.parse(unwitnessed.split(b"\n\n", 1)[1]).text == text
    with pytest.raises(WitnessMissing):
        TlogProof.parse(unwitnessed).verify(finished.trust)
    TlogProof.parse(unwitnessed).verify(Trust(finished.trust.log))


def test_what_is_no_proof_raises_one_error(finished: Any) -> None:
    good = prove(finished.log_dir, finished.trust, 5).to_bytes()
    for data in (
        b"",
        b"\n\n",
        good.replace(b"@v1", b"@v2"),
        good.replace(b"index 5", b"index 05"),
        good.replace(b"index 5", b"index -5"),
        good.replace(b"index 5", b"index  5"),
        good.replace(b"index 5\n", b""),
        good.replace(b"index 5\n", b"index 5\n\n"),
        good.replace(b"index 5\n", b"index 5\nAAAA\n"),
        good.replace(b"index 5\n", b"index 5\n!\n"),
        good.replace(b"extra ", b"extra"),
        good.replace(b"extra ", b"extra x"),
        good.replace(b"extra ", b"extra \xff"),
        good[:-1],
        b"\n" + good,
    ):
        assert data != good
        with pytest.raises(NoteInvalid):
            TlogProof.parse(data)


def test_any_changed_byte_of_a_proof_is_noticed(finished: Any) -> None:
    good = prove(finished.log_dir, finished.trust, 5).to_bytes()
    for i in range(len(good)):
        data = good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :]
        with pytest.raises((LogTampered, SignatureUntrusted, WitnessMissing)):
            TlogProof.parse(data).verify(finished.trust)


def test_a_release_verifies_with_its_proof_alone(copied: Any) -> None:
    out, trust = copied.root / "out", copied.trust
    copied.log_dir.rename(copied.root / "away")
    assert verify_release(out, trust).seq == 5
    (out / "release.csv").write_bytes(b"x")
    with pytest.raises(OutputDiffers):
        verify_release(out, trust)
    (out / PROOF_NAME).unlink()
    with pytest.raises(OutputDiffers):
        verify_release(out, trust)


def test_a_proof_of_another_entry_approves_nothing(copied: Any) -> None:
    out = copied.root / "out"
    (out / PROOF_NAME).write_bytes(prove(copied.log_dir, copied.trust, 4).to_bytes())
    with pytest.raises(OutputDiffers):
        verify_release(out, copied.trust)
