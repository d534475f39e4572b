from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import Checkpoint
from audit.cosignature import verify_cosignature
from audit.errors import (
    AuditError,
    LogCut,
    LogExists,
    LogForked,
    LogUnwritable,
    NoteInvalid,
    SignatureUntrusted,
    WitnessMissing,
    WitnessRefused,
)
from audit.log_keys import LogKeys
from audit.merkle import consistency_proof, leaf_hash, root_hash
from audit.note import ED25519, SignedNote, VerifierKey, sign_note
from audit.witness import DirectoryWitness, parse_cosignature, recall

DAY = date(2026, 11, 23)
ORIGIN = "crowdlens/" + "0" * 32
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(32))
LOG = VerifierKey(ORIGIN, ED25519, PRIVATE.public_key().public_bytes_raw())
LEAVES = [leaf_hash(bytes([i])) for i in range(12)]
FORK = [*LEAVES[:4], *(leaf_hash(b"fork" + bytes([i])) for i in range(8))]


def head(size: int, leaves: list[bytes] = LEAVES, origin: str = ORIGIN) -> bytes:
    text = Checkpoint(origin, size, root_hash(leaves[:size])).text()
    return sign_note(text, origin, PRIVATE).to_bytes()


def proof(old: int, size: int, leaves: list[bytes] = LEAVES) -> tuple[bytes, ...]:
    return consistency_proof(leaves[:size], old)


@pytest.fixture
def witness(tmp_path: Path) -> DirectoryWitness:
    """A witness that remembers 5 entries."""
    made = DirectoryWitness.create(tmp_path / "w", LOG)
    made.add_checkpoint(0, (), head(5), DAY)
    return made


def other_key() -> bytes:
    note = SignedNote.parse(head(8))
    return sign_note(note.text, ORIGIN, Ed25519PrivateKey.generate()).to_bytes()


# C2SP tlog-witness, rule by rule. None: cosigns.
TABLE: list[tuple[str, int, tuple[bytes, ...], Callable[[], bytes], type[AuditError] | None]] = [
    ("continues", 5, proof(5, 8), lambda: head(8), None),
    ("same again", 5, (), lambda: head(5), None),
    ("same size, other root", 5, (), lambda: head(5, FORK), LogForked),
    ("other branch, its own proof", 5, proof(5, 8, FORK), lambda: head(8, FORK), LogForked),
    ("other branch, our proof", 5, proof(5, 8), lambda: head(8, FORK), LogForked),
    ("old size too small", 4, proof(4, 8), lambda: head(8), WitnessRefused),
    ("old size too large", 6, proof(6, 8), lambda: head(8), WitnessRefused),
    ("old size zero", 0, (), lambda: head(8), WitnessRefused),
    ("no proof", 5, (), lambda: head(8), LogForked),
    ("garbage proof", 5, (bytes(32),) * 3, lambda: head(8), LogForked),
    ("proof of wrong width", 5, (b"x",), lambda: head(8), LogForked),
    ("too long a proof", 5, (*proof(5, 8), bytes(32)), lambda: head(8), LogForked),
    ("proof for the same size", 5, (bytes(32),), lambda: head(5), LogForked),
    ("smaller", 5, (), lambda: head(3), LogCut),
    ("smaller, honest about it", 3, (), lambda: head(3), LogCut),
    ("empty", 0, (), lambda: head(0), LogCut),
    ("another key", 5, proof(5, 8), other_key, SignatureUntrusted),
    ("another log", 5, proof(5, 8), lambda: head(8, origin="x"), SignatureUntrusted),
    ("no note", 5, proof(5, 8), lambda: b"x", NoteInvalid),
]


@pytest.mark.parametrize(
    ("old", "hashes", "note", "expected"), [t[1:] for t in TABLE], ids=[t[0] for t in TABLE]
)
def test_the_witness_decides(
    witness: DirectoryWitness,
    old: int,
    hashes: tuple[bytes, ...],
    note: Callable[[], bytes],
    expected: type[AuditError] | None,
) -> None:
    before = (witness.path / "checkpoint").read_bytes()
    if expected is None:
        data = note()
        line = witness.add_checkpoint(old, hashes, data, DAY)
        text = SignedNote.parse(data).text
        verify_cosignature(parse_cosignature(line), text, witness.vkey)
        assert witness.latest() == Checkpoint.parse(text)
    else:
        with pytest.raises(expected) as caught:
            witness.add_checkpoint(old, hashes, note(), DAY)
        assert caught.type is expected
        assert (witness.path / "checkpoint").read_bytes() == before


def test_a_new_witness_takes_its_first_checkpoint_without_a_proof(tmp_path: Path) -> None:
    made = DirectoryWitness.create(tmp_path / "w", LOG)
    assert made.latest() is None
    with pytest.raises(WitnessRefused):
        made.add_checkpoint(0, (bytes(32),), head(5), DAY)
    with pytest.raises(WitnessRefused):
        made.add_checkpoint(3, proof(3, 5), head(5), DAY)
    made.add_checkpoint(0, (), head(5), DAY)
    assert made.latest() == Checkpoint(ORIGIN, 5, root_hash(LEAVES[:5]))


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_no_answer_before_the_memory_is_durable(
    witness: DirectoryWitness, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(f"audit.durable.os.{call}", fail)
    with pytest.raises(LogUnwritable):
        witness.add_checkpoint(5, proof(5, 8), head(8), DAY)
    monkeypatch.undo()
    latest = witness.latest()
    assert latest is not None
    assert latest.size == 5
    witness.add_checkpoint(5, proof(5, 8), head(8), DAY)


def test_a_witness_reopens_with_its_memory(witness: DirectoryWitness) -> None:
    again = DirectoryWitness.open(witness.path)
    assert again.vkey == witness.vkey
    assert again.log == LOG
    assert again.latest() == witness.latest()
    memory = recall(witness.path, witness.vkey, LogKeys(LOG))
    assert memory is not None
    assert memory.checkpoint == witness.latest()
    assert (witness.path / "witness.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("name", ["checkpoint", "witness.vkey", "log.vkey"])
def test_a_witness_that_lost_a_file_is_missing(witness: DirectoryWitness, name: str) -> None:
    (witness.path / name).unlink()
    with pytest.raises(WitnessMissing):
        DirectoryWitness.open(witness.path)


def test_a_witness_is_not_made_twice(witness: DirectoryWitness) -> None:
    with pytest.raises(LogExists):
        DirectoryWitness.create(witness.path, LOG)


def test_a_memory_is_believed_only_when_signed_by_log_and_witness(
    witness: DirectoryWitness, tmp_path: Path
) -> None:
    state = witness.path / "checkpoint"
    good = SignedNote.parse(state.read_bytes())
    stranger = DirectoryWitness.create(tmp_path / "v", LOG)
    with pytest.raises(SignatureUntrusted):
        recall(witness.path, stranger.vkey, LogKeys(LOG))
    for data in (
        SignedNote(good.text, good.signatures[:1]).to_bytes(),
        SignedNote(good.text, good.signatures[1:]).to_bytes(),
        head(8),
        b"garbage",
        good.to_bytes()[:-1],
    ):
        state.write_bytes(data)
        with pytest.raises(SignatureUntrusted):
            recall(witness.path, witness.vkey, LogKeys(LOG))


def test_a_swapped_private_key_is_noticed(witness: DirectoryWitness, tmp_path: Path) -> None:
    stranger = DirectoryWitness.create(tmp_path / "v", LOG)
    (witness.path / "witness.key").write_bytes((stranger.path / "witness.key").read_bytes())
    with pytest.raises(SignatureUntrusted):
        DirectoryWitness.open(witness.path)
