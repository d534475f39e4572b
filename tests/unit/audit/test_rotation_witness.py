"""Witnesses over a hand-over, in a folder and over HTTP: they accept it, and it alone."""

from collections.abc import Callable
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import Log, Trust, TrustedWitness, verify
from audit.checkpoint import Checkpoint
from audit.errors import (
    AuditError,
    LogCut,
    LogForked,
    NoteInvalid,
    SignatureUntrusted,
    WitnessMissing,
    WitnessRefused,
)
from audit.fsck import fsck
from audit.hand_over import HandOver
from audit.keys import load_key
from audit.merkle import root_hash
from audit.note import ED25519, SignedNote, VerifierKey, sign_note
from audit.witness import DirectoryWitness
from audit.witness_client import HttpWitness
from audit.witness_server import WitnessServer, answer_hand_over
from audit.witness_visit import visit
from audit.witness_wire import AddRequest
from tests.unit.audit.test_witness import DAY, FORK, LEAVES, LOG, ORIGIN, PRIVATE, head, proof

NEW = Ed25519PrivateKey.from_private_bytes(b"\4" * 32)
OTHER = Ed25519PrivateKey.from_private_bytes(b"\5" * 32)


def key(private: Ed25519PrivateKey) -> VerifierKey:
    return VerifierKey(ORIGIN, ED25519, private.public_key().public_bytes_raw())


def statement(
    size: int = 5,
    leaves: list[bytes] = LEAVES,
    old: Ed25519PrivateKey = PRIVATE,
    new: Ed25519PrivateKey = NEW,
    by: tuple[Ed25519PrivateKey, ...] | None = None,
    origin: str = ORIGIN,
) -> bytes:
    """Return the hand-over of a log with `size` entries, signed as said: by old and new."""
    before = Checkpoint(origin, size, root_hash(leaves[:size]))
    over = HandOver(before, replace(key(old), name=origin), replace(key(new), name=origin))
    signed = [sign_note(over.text(), origin, k).signatures for k in by or (old, new)]
    return SignedNote(over.text(), tuple(s for one in signed for s in one)).to_bytes()


def by(size: int, *keys: Ed25519PrivateKey, leaves: list[bytes] = LEAVES) -> bytes:
    """Return a head signed by these keys."""
    text = Checkpoint(ORIGIN, size, root_hash(leaves[:size])).text()
    return SignedNote(
        text, tuple(s for k in keys for s in sign_note(text, ORIGIN, k).signatures)
    ).to_bytes()


@pytest.fixture(params=["folder", "http"])
def witness(
    request: pytest.FixtureRequest, tmp_path: Path, serve: Callable[..., WitnessServer]
) -> DirectoryWitness | HttpWitness:
    """A witness that remembers 5 entries, asked in its folder or over HTTP."""
    made = DirectoryWitness.create(tmp_path / "w", LOG)
    made.add_checkpoint(0, (), head(5), DAY)
    return made if request.param == "folder" else HttpWitness(serve(made).url, made.vkey, LOG)


REFUSED: list[tuple[str, int, tuple[bytes, ...], bytes, type[AuditError]]] = [
    ("by the old key alone", 5, (), statement(by=(PRIVATE,)), SignatureUntrusted),
    ("by the new key alone", 5, (), statement(by=(NEW,)), SignatureUntrusted),
    ("by a stranger for the old", 5, (), statement(by=(OTHER, NEW)), SignatureUntrusted),
    ("from a stranger's key", 5, (), statement(old=OTHER), SignatureUntrusted),
    ("to the same key", 5, (), statement(new=PRIVATE), SignatureUntrusted),
    ("of another log", 5, (), statement(origin="x"), SignatureUntrusted),
    ("of another history", 5, (), statement(leaves=FORK), LogForked),
    ("of another branch", 5, proof(5, 8, FORK), statement(8, FORK), LogForked),
    ("later, without a proof", 5, (), statement(8), LogForked),
    ("before what is remembered", 3, (), statement(3), LogCut),
    ("from another size", 4, proof(4, 5), statement(), WitnessRefused),
]


@pytest.mark.parametrize(
    ("old", "hashes", "note", "error"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_what_is_no_hand_over_is_refused_and_changes_nothing(
    witness: DirectoryWitness | HttpWitness,
    old: int,
    hashes: tuple[bytes, ...],
    note: bytes,
    error: type[AuditError],
) -> None:
    with pytest.raises(error) as raised:
        witness.hand_over(old, hashes, note)
    assert type(raised.value) is error
    # The old key stays in charge, alone.
    with pytest.raises(SignatureUntrusted):
        witness.add_checkpoint(5, proof(5, 8), by(8, NEW), DAY)
    witness.add_checkpoint(5, proof(5, 8), head(8), DAY)


def test_from_the_hand_over_on_the_new_key_alone(witness: DirectoryWitness | HttpWitness) -> None:
    for _ in range(2):  # the same again is no second one
        witness.hand_over(5, (), statement())
    # At its size both must sign, and the old key can't go past it.
    for keys in ((PRIVATE,), (NEW,), (PRIVATE, OTHER)):
        with pytest.raises(SignatureUntrusted):
            witness.add_checkpoint(5, proof(5, 6), by(6, *keys), DAY)
    with pytest.raises(SignatureUntrusted):
        witness.add_checkpoint(5, proof(5, 8), by(8, PRIVATE), DAY)
    witness.add_checkpoint(5, proof(5, 6), by(6, PRIVATE, NEW), DAY)
    for keys in ((PRIVATE,), (PRIVATE, NEW)):
        with pytest.raises(SignatureUntrusted):
            witness.add_checkpoint(6, proof(6, 8), by(8, *keys), DAY)
    witness.add_checkpoint(6, proof(6, 8), by(8, NEW), DAY)
    with pytest.raises(SignatureUntrusted):
        witness.hand_over(8, (), statement(8, new=OTHER))
    witness.hand_over(8, (), statement(8, old=NEW, new=OTHER))
    witness.add_checkpoint(8, proof(8, 10), by(10, OTHER), DAY)


def test_one_that_lags_is_told_of_every_hand_over(witness: DirectoryWitness | HttpWitness) -> None:
    witness.hand_over(5, proof(5, 7), statement(7))
    witness.hand_over(5, proof(5, 9), statement(9, old=NEW, new=OTHER))
    for keys in ((PRIVATE,), (NEW,)):
        with pytest.raises(SignatureUntrusted):
            witness.add_checkpoint(5, proof(5, 11), by(11, *keys), DAY)
    witness.add_checkpoint(5, proof(5, 11), by(11, OTHER), DAY)


def test_a_key_that_was_handed_over_hands_nothing_over(
    witness: DirectoryWitness | HttpWitness,
) -> None:
    witness.hand_over(5, (), statement())
    for note in (statement(new=OTHER), statement(7, new=OTHER), statement(old=NEW, new=OTHER)):
        with pytest.raises((SignatureUntrusted, LogForked)):
            witness.hand_over(5, (), note)


# C2SP has no such call; its answers are those of add-checkpoint.
STATUS = [
    ("taken", 5, (), statement(), 200, b""),
    ("by one key", 5, (), statement(by=(NEW,)), 403, b""),
    ("another log", 5, (), statement(origin="x"), 404, b""),
    ("not from there", 4, proof(4, 5), statement(), 409, b"5\n"),
    ("another history", 5, (), statement(leaves=FORK), 409, b""),
    ("no proof", 5, (), statement(8), 422, b""),
    ("a checkpoint", 5, (), head(8), 400, b""),
    ("beyond", 8, (), statement(), 400, b""),
]


@pytest.mark.parametrize(
    ("old", "hashes", "note", "status", "body"), [s[1:] for s in STATUS], ids=[s[0] for s in STATUS]
)
def test_each_answer_to_a_hand_over(
    tmp_path: Path,
    serve: Callable[..., WitnessServer],
    old: int,
    hashes: tuple[bytes, ...],
    note: bytes,
    status: int,
    body: bytes,
) -> None:
    made = DirectoryWitness.create(tmp_path / "w", LOG)
    made.add_checkpoint(0, (), head(5), DAY)
    host, port = serve(made).server_address[:2]
    connection = HTTPConnection(str(host), port, timeout=10)
    connection.request("POST", "/hand-over", AddRequest(old, hashes, note).to_bytes())
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (status, body)
    connection.close()
    assert len(made.log_keys().later) == (status == 200)


def test_a_memory_of_keys_that_can_t_be_read_stops_the_work(tmp_path: Path) -> None:
    made = DirectoryWitness.create(tmp_path / "w", LOG)
    made.hand_over(0, (), statement())
    for text in ("x\n", "6\n", "six " + str(key(NEW)) + "\n", "\xff"):
        (made.path / "log.successors").write_text(text)
        with pytest.raises(WitnessMissing):
            made.add_checkpoint(0, (), head(5), DAY)
        request = AddRequest(0, (), statement()).to_bytes()
        assert answer_hand_over([made], request)[0] == 503
    with pytest.raises(NoteInvalid):
        made.hand_over(0, (), b"x")


def test_a_log_with_its_witness_elsewhere_is_rotated(
    study: Any, serve: Callable[..., WitnessServer], tmp_path: Path
) -> None:
    folder = DirectoryWitness.open(study.witness_dir)
    url = serve(folder).url
    trust = Trust(study.trust.log, (TrustedWitness(folder.vkey, None, url),), 1)
    log = Log.open(study.log_dir, trust, study.DAY)
    log.start_run(study.body()).end("failed")
    first = load_key(study.log_dir / "private" / "log.key")
    for _ in range(2):
        log.rotate_key()
        log.start_run(study.body()).end("failed")
    assert verify(study.log_dir, trust, online=True).exit_code == 0
    assert len(folder.log_keys().later) == 2
    trust.dump(tmp_path / "t.yaml")
    assert fsck(study.log_dir, tmp_path / "t.yaml").exit_code == 0
    # A thief of the first key can't move the witness.
    memory = folder.latest()
    assert memory is not None
    stolen = sign_note(memory.text(), memory.origin, first).to_bytes()
    with pytest.raises(SignatureUntrusted):
        HttpWitness(url, folder.vkey, study.trust.log).add_checkpoint(
            memory.size, (), stolen, study.DAY
        )


def test_a_rotation_without_its_quorum_is_finished_when_the_witness_is_back(
    study: Any, serve: Callable[..., WitnessServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DirectoryWitness.open(study.witness_dir)
    trust = Trust(study.trust.log, (TrustedWitness(folder.vkey, None, serve(folder).url),), 1)
    log = Log.open(study.log_dir, trust, study.DAY)

    def gone(*_: object) -> None:
        raise WitnessMissing("a witness does not answer")

    with monkeypatch.context() as away:
        away.setattr(HttpWitness, "hand_over", gone)
        with pytest.raises(WitnessMissing):
            log.rotate_key()
    assert verify(study.log_dir, trust, online=True).exit_code == 0
    entry = Log.open(study.log_dir, trust, study.DAY).rotate_key()
    assert sum(b'"key.rotate"' in line for line in study.lines()) == 1
    assert entry.seq == len(study.lines()) - 1
    log.start_run(study.body()).end("failed")
    assert verify(study.log_dir, trust, online=True).exit_code == 0


@pytest.mark.parametrize("place", ["folder", "http"])
def test_a_log_put_back_to_before_its_hand_over_was_cut(
    study: Any, serve: Callable[..., WitnessServer], tmp_path: Path, place: str
) -> None:
    """Its own entries know nothing of the key that signed what the witness remembers."""
    old = study.copy(tmp_path / "old")
    study.open().rotate_key()
    study.start().end("failed")
    folder = DirectoryWitness.open(study.witness_dir)
    where = (
        TrustedWitness(folder.vkey, folder.path)
        if place == "folder"
        else TrustedWitness(folder.vkey, None, serve(folder).url)
    )
    trust = Trust(study.trust.log, (where,), 1)
    trust.dump(tmp_path / "t.yaml")
    assert verify(old.log_dir, trust, online=True).exit_code == 4
    assert fsck(old.log_dir, tmp_path / "t.yaml").exit_code == (4 if place == "folder" else 0)
    with pytest.raises(LogCut):
        Log.open(old.log_dir, trust, study.DAY)


def test_a_second_witness_that_was_away_is_brought_up_to_date(study: Any, tmp_path: Path) -> None:
    second = DirectoryWitness.create(tmp_path / "second", study.trust.log)
    trusted = TrustedWitness(second.vkey, second.path)
    trust = replace(study.trust, witnesses=(*study.trust.witnesses, trusted))
    Log.open(study.log_dir, trust, study.DAY)
    kept = second.latest()
    away = second.path.rename(tmp_path / "away")
    log = Log.open(study.log_dir, trust, study.DAY)
    log.rotate_key()
    # The very head of the hand-over, of which one key is gone by now.
    away.rename(second.path)
    Log.open(study.log_dir, trust, study.DAY)
    memory = second.latest()
    assert kept is not None
    assert memory is not None
    assert memory.size == kept.size + 1
    second.path.rename(away)
    log = Log.open(study.log_dir, trust, study.DAY)
    log.rotate_key()
    log.start_run(study.body()).end("failed")
    away.rename(second.path)
    Log.open(study.log_dir, trust, study.DAY)
    assert len(second.log_keys().later) == 2
    assert verify(study.log_dir, trust).exit_code == 0


def test_a_stick_goes_along_with_every_hand_over(study: Any, tmp_path: Path) -> None:
    stick = DirectoryWitness.create(tmp_path / "stick", study.trust.log)
    visit(stick, study.log_dir, study.DAY)
    old = study.copy(tmp_path / "old")
    for _ in range(2):
        study.open().rotate_key()
    visit(stick, study.log_dir, study.DAY)
    study.start().end("failed")
    visit(stick, study.log_dir, study.DAY)
    assert stick.latest() is not None
    # An older copy that went on with the old key.
    for _ in range(9):
        old.start().end("failed")
    with pytest.raises(SignatureUntrusted):
        visit(stick, old.log_dir, study.DAY)
