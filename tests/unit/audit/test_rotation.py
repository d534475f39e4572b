"""Keys of a log in their spans: what a hand-over proves, and what counts of whose signature."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from audit import Log, LogCut, SignatureUntrusted, TlogProof, Trust, TrustInvalid, prove, verify
from audit.bodies import KeyRotate
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.cosignature import cosign
from audit.errors import LifecycleBroken, NoteInvalid
from audit.fsck import Problem, fsck
from audit.fsck.pins import Pins
from audit.fsck.proofs import check_proof
from audit.hand_over import HandOver
from audit.history import parse_line
from audit.keys import load_key
from audit.log_keys import LogKeys, Revoked, Successor
from audit.merkle import leaf_hash, root_hash
from audit.note import ED25519, SignedNote, VerifierKey, sign_note
from audit.witness import DirectoryWitness
from audit.witness_visit import visit


class Rotated:
    """A study that was handed over once, in the middle, with copies of both private keys."""

    def __init__(self, study: Any, elsewhere: Path) -> None:
        self.study, self.elsewhere = study, elsewhere
        elsewhere.mkdir()
        self.old = load_key(study.log_dir / "private" / "log.key")
        study.release(study.root / "before")
        self.at_old = study.checkpoint.read_bytes()
        entry = study.open().rotate_key()
        self.hand_over = study.checkpoint.read_bytes()
        self.size = entry.seq + 1
        study.release(study.root / "after")
        self.new = load_key(study.log_dir / "private" / "log.key")
        self.origin = study.trust.log.name
        self.vkey = VerifierKey(self.origin, ED25519, self.new.public_key().public_bytes_raw())

    def head(self, size: int, *keys: Ed25519PrivateKey) -> bytes:
        """Return the true head of a size, signed by these keys."""
        leaves = [leaf_hash(line) for line in self.study.lines()]
        text = Checkpoint(self.origin, size, root_hash(leaves[:size])).text()
        signatures = [s for k in keys for s in sign_note(text, self.origin, k).signatures]
        return SignedNote(text, tuple(signatures)).to_bytes()

    def codes(self, *anchors: Path, trust: Trust | None = None) -> tuple[int, int]:
        """Return both verifiers' exit codes."""
        file = self.elsewhere / "trust.yaml"
        (trust or self.study.trust).dump(file)
        first = verify(self.study.log_dir, Trust.load(file), anchors=anchors).exit_code
        return first, fsck(self.study.log_dir, file, anchors).exit_code

    def kept(self, head: bytes) -> Path:
        """Return a file with that head."""
        path = self.elsewhere / "kept.checkpoint"
        path.write_bytes(head)
        return path


@pytest.fixture
def rotated(study: Any, tmp_path: Path) -> Rotated:
    return Rotated(study, tmp_path / "elsewhere")


def test_a_trust_file_that_pins_the_first_key_leads_through_every_rotation(
    rotated: Rotated,
) -> None:
    study = rotated.study
    before = study.trust_file.read_bytes()
    for _ in range(3):
        study.open().rotate_key()
        study.start().end("failed")
    assert rotated.codes() == (0, 0)
    assert study.trust_file.read_bytes() == before
    spans = next(c for c in study.verify().checks if c.name == "key spans")
    assert spans.explanation == "4 hand-overs, by the word of both keys"
    assert len({k.public for k in study.open().trust.log_keys.every}) == 5


def test_the_hand_over_is_signed_by_both_and_what_follows_by_the_new_key_alone(
    rotated: Rotated,
) -> None:
    def signers(head: bytes) -> list[VerifierKey]:
        note = SignedCheckpoint.parse(head).note
        return [
            k
            for k in (rotated.study.trust.log, rotated.vkey)
            if any(s.is_by(k) for s in note.signatures)
        ]

    first = rotated.study.trust.log
    assert signers(rotated.at_old) == [first]
    assert signers(rotated.hand_over) == [first, rotated.vkey]
    assert signers(rotated.study.checkpoint.read_bytes()) == [rotated.vkey]
    assert signers((rotated.study.witness_dir / "checkpoint").read_bytes()) == [rotated.vkey]


# Where a head of that size stands to the hand-over, who signed it, whether that counts.
MATRIX = [
    (-1, "old", True),
    (-1, "new", False),
    (-1, "old new", False),
    (0, "old", False),
    (0, "new", False),
    (0, "old new", True),
    (1, "old", False),
    (1, "new", True),
    (1, "old new", False),
    (3, "old", False),
    (3, "new", True),
]


@pytest.mark.parametrize(("place", "who", "good"), MATRIX)
def test_a_signature_counts_in_its_keys_span_alone(
    rotated: Rotated, place: int, who: str, good: bool
) -> None:
    keys = [getattr(rotated, name) for name in who.split()]
    head = rotated.head(rotated.size + place, *keys)
    assert rotated.codes(rotated.kept(head)) == ((0, 0) if good else (5, 5))
    # The same of what a witness remembers.
    study = rotated.study
    note, vkey = SignedNote.parse(head), study.trust.witnesses[0].vkey
    cosignature = cosign(note.text, vkey, load_key(study.witness_dir / "witness.key"), study.DAY)
    memory = SignedNote(note.text, (*note.signatures, cosignature)).to_bytes()
    (study.witness_dir / "checkpoint").write_bytes(memory)
    unguarded = replace(study.trust, quorum=0)
    # The checkpoint still bears its cosignature, so that a memory behind it was put back.
    expected = (0 if place == 3 else 6) if good else 5
    assert rotated.codes(trust=unguarded) == (expected, expected)
    # And of the checkpoint of a log that ends there.
    lines = study.lines()[: rotated.size + place]
    study.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    study.checkpoint.write_bytes(head)
    # Before its hand-over a later key is a stranger, whose signature changes nothing.
    expected = 0 if good or (place < 0 and "old" in who) else 5
    assert rotated.codes(trust=Trust(study.trust.log)) == (expected, expected)


def test_an_old_key_alone_is_named_as_what_it_is(rotated: Rotated) -> None:
    rotated.study.checkpoint.write_bytes(rotated.head(rotated.size + 3, rotated.old))
    (signed,) = [c for c in rotated.study.verify().checks if c.name == "log signature"]
    assert (signed.status, "outside its span" in signed.explanation) == ("failed", True)


def test_the_proof_of_an_old_release_needs_the_first_key_and_of_a_new_one_its_own(
    rotated: Rotated,
) -> None:
    study, trust = rotated.study, rotated.study.trust
    old = (study.root / "before" / "release.tlog-proof").read_bytes()
    new = (study.root / "after" / "release.tlog-proof").read_bytes()
    named = replace(trust, successors=(Successor(rotated.vkey, rotated.size),))
    assert TlogProof.parse(old).verify(trust) == TlogProof.parse(old).verify(named)
    assert TlogProof.parse(new).verify(named).type == "release"
    with pytest.raises(SignatureUntrusted) as refused:
        TlogProof.parse(new).verify(trust)
    assert "successor" in refused.value.hint
    path = rotated.elsewhere / "t.yaml"
    named.dump(path)
    for data in (old, new):
        assert check_proof(data, Pins.load(path))["type"] == "release"
    trust.dump(path)
    with pytest.raises(Problem) as doubted:
        check_proof(new, Pins.load(path))
    assert doubted.value.exit_code == 5


def test_a_proof_by_a_key_outside_its_named_span_is_refused(rotated: Rotated) -> None:
    study = rotated.study
    good = prove(study.log_dir, study.trust, 3)
    size = good.checkpoint.checkpoint.size
    cosigned = [s for s in good.checkpoint.note.signatures if not s.is_by(rotated.vkey)]
    trust = replace(study.trust, successors=(Successor(rotated.vkey, rotated.size),))
    trust.dump(rotated.elsewhere / "t.yaml")
    for keys, works in (
        ((rotated.new,), True),
        ((rotated.old,), False),
        ((rotated.old, rotated.new), False),
    ):
        note = SignedNote.parse(rotated.head(size, *keys))
        note = SignedNote(note.text, (*note.signatures, *cosigned))
        proof = replace(good, checkpoint=SignedCheckpoint.parse(note.to_bytes()))
        for check, refusal in (
            (lambda p=proof: p.verify(trust), SignatureUntrusted),
            (
                lambda p=proof: check_proof(p.to_bytes(), Pins.load(rotated.elsewhere / "t.yaml")),
                Problem,
            ),
        ):
            if works:
                check()
            else:
                with pytest.raises(refusal):
                    check()


def forged(rotated: Rotated, change: Callable[[dict[str, Any]], None]) -> tuple[int, int]:
    """Return both exit codes, the hand-over changed and all signed again by the new key."""
    study = rotated.study
    values = [json.loads(line) for line in study.lines()]
    change(values[rotated.size - 1])
    lines = [json.dumps(v, sort_keys=True, separators=(",", ":")).encode() for v in values]
    leaves = [leaf_hash(line) for line in lines]
    text = Checkpoint(rotated.origin, len(lines), root_hash(leaves)).text()
    study.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    study.checkpoint.write_bytes(sign_note(text, rotated.origin, rotated.new).to_bytes())
    return rotated.codes(trust=Trust(study.trust.log))


def resigned(rotated: Rotated, value: dict[str, Any], *, root: bytes | None = None) -> None:
    """Sign the hand-over anew by the new key, and by a stranger for the old one."""
    leaves = [leaf_hash(line) for line in rotated.study.lines()]
    before = Checkpoint(rotated.origin, value["seq"], root or root_hash(leaves[: value["seq"]]))
    over = HandOver(before, rotated.study.trust.log, rotated.vkey)
    body = over.signed(Ed25519PrivateKey.generate(), rotated.new)
    value["body"] = body.model_dump()


def swapped(value: dict[str, Any]) -> None:
    body = value["body"]
    body["by_old"], body["by_new"] = body["by_new"], body["by_old"]


@pytest.mark.parametrize("name", ["by_old", "by_new", "old", "new"])
def test_a_hand_over_of_which_one_word_is_changed_is_refused(rotated: Rotated, name: str) -> None:
    def change(value: dict[str, Any]) -> None:
        text = value["body"][name]
        value["body"][name] = text[:-1] + ("0" if text[-1] != "0" else "1")

    assert forged(rotated, change) == (5, 5)


def test_a_thief_of_the_new_key_can_t_make_the_old_one_agree(rotated: Rotated) -> None:
    assert forged(rotated, lambda value: resigned(rotated, value)) == (5, 5)


def test_a_hand_over_with_its_signatures_swapped_is_refused(rotated: Rotated) -> None:
    assert forged(rotated, swapped) == (5, 5)


def test_a_thief_of_the_new_key_can_t_write_another_beginning(rotated: Rotated) -> None:
    """The old key's word is over the root of what came before it."""
    study = rotated.study
    values = [json.loads(line) for line in study.lines()]
    spend = next(v for v in values if v["type"] == "budget.reserve")
    for part in (spend["body"]["cost"], spend["body"]["statistics"][0]["cost"]):
        part["epsilon"] = "0.01"
    lines = [json.dumps(v, sort_keys=True, separators=(",", ":")).encode() for v in values]
    leaves = [leaf_hash(line) for line in lines]
    text = Checkpoint(rotated.origin, len(lines), root_hash(leaves)).text()
    study.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    study.checkpoint.write_bytes(sign_note(text, rotated.origin, rotated.new).to_bytes())
    assert rotated.codes(trust=Trust(study.trust.log)) == (5, 5)


def test_a_hand_over_that_was_left_out_is_missed(rotated: Rotated) -> None:
    study = rotated.study
    values = [json.loads(line) for line in study.lines()]
    del values[rotated.size - 1]
    for number, value in enumerate(values):
        value["seq"] = number
    lines = [json.dumps(v, sort_keys=True, separators=(",", ":")).encode() for v in values]
    text = Checkpoint(
        rotated.origin, len(lines), root_hash([leaf_hash(line) for line in lines])
    ).text()
    study.entries.write_bytes(b"".join(line + b"\n" for line in lines))
    for key, named, code in (
        (rotated.new, False, 5),
        (rotated.old, False, 0),  # a thief of the old key: what a named successor is for
        (rotated.old, True, 5),
    ):
        study.checkpoint.write_bytes(sign_note(text, rotated.origin, key).to_bytes())
        successors = (Successor(rotated.vkey, rotated.size),) if named else ()
        trust = Trust(study.trust.log, successors=successors)
        assert rotated.codes(trust=trust) == (code, code)


def test_a_named_successor_is_an_anchor(rotated: Rotated) -> None:
    trust = rotated.study.trust
    other = VerifierKey(rotated.origin, ED25519, bytes(32))
    for successors, code in (
        ((Successor(rotated.vkey, rotated.size),), 0),
        ((Successor(rotated.vkey, rotated.size - 1),), 5),
        ((Successor(other, rotated.size),), 5),
        ((Successor(rotated.vkey, rotated.size), Successor(other, rotated.size + 1)), 5),
        # The log was cut, or is an older copy: it does not reach so far.
        ((Successor(rotated.vkey, rotated.size), Successor(other, 99)), 4),
    ):
        assert rotated.codes(trust=replace(trust, successors=successors)) == (code, code)


def test_of_a_stolen_key_nothing_counts_beyond_its_last_good_size(rotated: Rotated) -> None:
    study, first, size = rotated.study, rotated.study.trust.log, rotated.size
    named = (Successor(rotated.vkey, size),)

    def codes(
        key: VerifierKey, last_good: int, successors: tuple[Successor, ...] = (), *anchors: Path
    ) -> tuple[int, int]:
        revoked = (Revoked(key, last_good),)
        trust = replace(study.trust, successors=successors, revoked=revoked)
        return rotated.codes(*anchors, trust=trust)

    assert codes(first, size) == (0, 0)
    # Its word for the new key is worth nothing then; that of the trust file is.
    assert codes(first, size - 2) == (5, 5)
    assert codes(first, size - 2, named) == (0, 0)
    anchor = rotated.kept(rotated.at_old)
    assert codes(first, size - 1, named, anchor) == (0, 0)
    assert codes(first, size - 2, named, anchor) == (5, 5)
    # At the hand-over the new key's signature is enough.
    anchor = rotated.kept(rotated.head(size, rotated.new))
    assert codes(first, size - 2, named, anchor) == (0, 0)
    assert codes(first, size, named, anchor) == (5, 5)
    assert codes(rotated.vkey, len(study.lines())) == (0, 0)
    assert codes(rotated.vkey, len(study.lines()) - 1) == (5, 5)
    trust = replace(study.trust, revoked=(Revoked(rotated.vkey, size),))
    with pytest.raises(SignatureUntrusted):
        Log.open(study.log_dir, trust, study.DAY)


@pytest.mark.parametrize(
    "bad",
    [
        "successors: [{vkey: %(new)s, from: 1}]",
        "successors: [{vkey: %(new)s, from: '5'}]",
        "successors: [{vkey: %(new)s}]",
        "successors: [{vkey: %(log)s, from: 5}]",
        "successors: [{vkey: %(new)s, from: 5}, {vkey: %(new)s, from: 6}]",
        "successors: [{vkey: %(witness)s, from: 5}]",
        "successors: [{vkey: %(other)s, from: 5}]",
        "revoked: [{vkey: %(log)s, last_good: -1}]",
        "revoked: [{vkey: %(log)s, last_good: 1.5}]",
        "revoked: [{vkey: %(log)s, last_good: 1}, {vkey: %(log)s, last_good: 2}]",
        "revoked: [{vkey: %(other)s, last_good: 1}]",
    ],
)
def test_trust_files_that_name_later_keys_wrongly(rotated: Rotated, bad: str) -> None:
    trust = rotated.study.trust
    names = {
        "log": trust.log,
        "new": rotated.vkey,
        "witness": trust.witnesses[0].vkey,
        "other": VerifierKey("crowdlens/" + "0" * 32, ED25519, bytes(32)),
    }
    file = rotated.study.root / "bad.yaml"
    file.write_text(rotated.study.trust_file.read_text() + bad % names + "\n")
    with pytest.raises(TrustInvalid):
        Trust.load(file)
    with pytest.raises(Problem) as refused:
        Pins.load(file)
    assert refused.value.exit_code == 2


def test_a_trust_file_with_later_keys_round_trips(rotated: Rotated, tmp_path: Path) -> None:
    trust = replace(
        rotated.study.trust,
        successors=(Successor(rotated.vkey, 7),),
        revoked=(Revoked(rotated.study.trust.log, 6),),
    )
    trust.dump(tmp_path / "elsewhere" / "t.yaml")
    loaded = Trust.load(tmp_path / "elsewhere" / "t.yaml")
    assert (loaded.successors, loaded.revoked) == (trust.successors, trust.revoked)
    pins = Pins.load(tmp_path / "elsewhere" / "t.yaml")
    assert [(size, key.public) for size, key in pins.successors] == [(7, rotated.vkey.public)]
    assert pins.revoked == ((trust.log.public, 6),)


def test_the_old_key_can_t_go_on_writing(rotated: Rotated) -> None:
    study = rotated.study
    private = study.log_dir / "private" / "log.key"
    new = private.read_bytes()
    private.write_bytes(
        rotated.old.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    with pytest.raises(SignatureUntrusted):
        study.open()
    private.write_bytes(new)
    study.release(study.root / "more")


def test_no_entry_hands_over_but_rotate_key(study: Any) -> None:
    body = KeyRotate(
        old="ed25519:" + "0" * 64, new="ed25519:" + "1" * 64, by_old="0" * 128, by_new="1" * 128
    )
    before = study.lines()
    with pytest.raises(LifecycleBroken):
        study.open().append(body)
    assert study.lines() == before


def test_a_line_that_somebody_adds_hands_nothing_over(rotated: Rotated) -> None:
    study = rotated.study
    value = json.loads(study.lines()[rotated.size - 1])
    value["seq"] = len(study.lines())
    with study.entries.open("ab") as file:
        file.write(json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n")
    assert rotated.codes() == (5, 5)
    with pytest.raises(SignatureUntrusted):
        study.open()


def test_a_statement_is_no_checkpoint_and_reads_back(rotated: Rotated) -> None:
    entry = parse_line(rotated.study.lines()[rotated.size - 1])
    leaves = [leaf_hash(line) for line in rotated.study.lines()]
    over = HandOver.of(rotated.origin, entry, root_hash(leaves[: entry.seq]))
    assert HandOver.parse(over.text()) == over
    assert over.size == rotated.size
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(over.text())
    with pytest.raises(NoteInvalid):
        HandOver.parse(over.before.text())
    for bad in (
        over.text() + "x\n",
        over.text()[:-1],
        over.text().replace("/v1", "/v2"),
        over.text().replace(rotated.origin, "x", 1),
        "",
    ):
        with pytest.raises(NoteInvalid):
            HandOver.parse(bad)


def test_the_signers_of_each_size() -> None:
    a, b, c = (VerifierKey("x", ED25519, bytes([n]) * 32) for n in range(3))
    keys = LogKeys(a, (Successor(b, 5), Successor(c, 6)))
    assert [keys.signers(n) for n in (0, 4, 5, 6, 7)] == [(a,), (a,), (a, b), (b, c), (c,)]
    assert keys.newest == c
    assert keys.newest_from == 6


def test_a_log_that_ends_before_a_named_hand_over_does_not_open(
    rotated: Rotated, tmp_path: Path
) -> None:
    study = rotated.study
    trust = replace(study.trust, successors=(Successor(rotated.vkey, 999),))
    with pytest.raises(SignatureUntrusted):
        Log.open(study.log_dir, trust, study.DAY)
    both = (
        Successor(rotated.vkey, rotated.size),
        Successor(VerifierKey(rotated.origin, ED25519, bytes(32)), 999),
    )
    with pytest.raises(LogCut):
        Log.open(study.log_dir, replace(study.trust, successors=both), study.DAY)


def test_a_new_witness_of_an_old_log_is_told_of_every_key(rotated: Rotated, tmp_path: Path) -> None:
    rotated.study.open().rotate_key()
    stick = DirectoryWitness.create(tmp_path / "stick", rotated.study.trust.log)
    visit(stick, rotated.study.log_dir, rotated.study.DAY)
    assert len(stick.log_keys().later) == 2
    memory = stick.latest()
    assert memory is not None
    assert memory.size == len(rotated.study.lines())
