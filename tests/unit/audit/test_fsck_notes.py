"""Notes, keys and proofs as a forger would shape them: both verifiers refuse each alike."""

import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit import AuditError
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.cosignature import require_quorum
from audit.fsck.notes import Head, Key
from audit.fsck.problem import Problem
from audit.fsck.tree import check_consistency, check_inclusion
from audit.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from audit.note import COSIGNATURE, ED25519, Signature, SignedNote, VerifierKey

ORIGIN = "crowdlens/" + "0" * 32
LOG_KEY, WITNESS_KEY, OTHER_KEY = (
    Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3)
)
LOG = VerifierKey(ORIGIN, ED25519, LOG_KEY.public_key().public_bytes_raw())
WITNESS = VerifierKey("w", COSIGNATURE, WITNESS_KEY.public_key().public_bytes_raw())
DAY = 1_795_392_000
TEXT = Checkpoint(ORIGIN, 5, bytes(32)).text()


def signed(text: str = TEXT, key: Ed25519PrivateKey = LOG_KEY) -> Signature:
    return Signature(LOG.name, LOG.key_id, key.sign(text.encode()))


def cosigned(
    stamp: int = DAY, text: str = TEXT, key: Ed25519PrivateKey = WITNESS_KEY, more: bytes = b""
) -> Signature:
    blob = key.sign(f"cosignature/v1\ntime {stamp}\n{text}".encode())
    return Signature(WITNESS.name, WITNESS.key_id, struct.pack(">Q", stamp) + blob + more)


def note(*signatures: Signature, text: str = TEXT) -> bytes:
    return SignedNote(text, signatures).to_bytes()


GOOD = note(signed(), cosigned())
ELSEWHERE = Checkpoint("crowdlens/" + "1" * 32, 5, bytes(32)).text()
NOTES: dict[str, tuple[bytes, int]] = {
    "good": (GOOD, 0),
    "twice": (note(signed(), signed(), cosigned(), cosigned()), 0),
    "in another order": (note(cosigned(), signed()), 0),
    "with a stranger's": (note(signed(), cosigned(), Signature("x", b"1234", bytes(64))), 0),
    "one right and one wrong": (note(signed(), signed(key=OTHER_KEY), cosigned()), 5),
    "wrong": (note(signed(key=OTHER_KEY), cosigned()), 5),
    "none": (note(cosigned()), 5),
    "of another log's text": (note(signed(ELSEWHERE), cosigned(text=ELSEWHERE), text=ELSEWHERE), 5),
    "not cosigned": (note(signed()), 6),
    "stamped with an hour": (note(signed(), cosigned(DAY + 3600)), 5),
    "stamped beyond all time": (note(signed(), cosigned(((1 << 63) // 86400 + 1) * 86400)), 5),
    "cosigned by another": (note(signed(), cosigned(key=OTHER_KEY)), 5),
    "cosigned once right, once wrong": (note(signed(), cosigned(), cosigned(key=OTHER_KEY)), 5),
    "a longer cosignature": (note(signed(), cosigned(more=b"x")), 5),
    "nothing after it": (GOOD.rstrip(b"\n"), 3),
    "a line after it": (GOOD + b"\n", 3),
    "an extension": (note(signed(TEXT + "x\n"), cosigned(text=TEXT + "x\n"), text=TEXT + "x\n"), 3),
    "carriage returns": (GOOD.replace(b"\n", b"\r\n"), 3),
    "a hyphen for the dash": (GOOD.replace("\u2014".encode(), b"-"), 3),
    "two spaces": (GOOD.replace(b" w ", b"  w "), 3),
    "a tab": (GOOD.replace(b" w ", b"\tw "), 3),
    "33 signatures": (note(*[signed()] * 33), 3),
    "32 signatures": (note(*[signed()] * 31, cosigned()), 0),
    "not UTF-8": (b"\xff" + GOOD, 3),
    "a size with a zero before it": (GOOD.replace(b"\n5\n", b"\n05\n"), 3),
    "a size with a sign": (GOOD.replace(b"\n5\n", b"\n+5\n"), 3),
    "a size too large": (GOOD.replace(b"\n5\n", b"\n" + b"5" * 16 + b"\n"), 3),
    "a short root": (GOOD.replace(TEXT.split("\n")[2].encode(), b"AAAA"), 3),
    "loose base64": (GOOD.replace(b"AAA=\n", b"AAB=\n", 1), 3),
    "empty": (b"", 3),
}


def first(data: bytes) -> int:
    def check() -> None:
        found = SignedCheckpoint.parse(data)
        if found.checkpoint.origin != LOG.name:
            raise Problem(5, "another log")
        found.note.verify_by(LOG)
        require_quorum(found.note, [WITNESS], 1)

    return code(check)


def second(data: bytes) -> int:
    def check() -> None:
        head = Head.read(data)
        head.check_signed(Key.read(str(LOG)))
        if not head.cosigned(Key.read(str(WITNESS))):
            raise Problem(6, "not cosigned")

    return code(check)


def code(act: Callable[[], object]) -> int:
    try:
        act()
    except (AuditError, Problem) as error:
        return error.exit_code
    return 0


@pytest.mark.parametrize("name", NOTES)
def test_notes(name: str) -> None:
    data, wanted = NOTES[name]
    assert (first(data), second(data)) == (wanted, wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "x+y+z",
        str(LOG) + "A",
        str(LOG) + "\n",
        str(LOG).replace("+", "++", 1),
        str(LOG).replace("+", "+0", 1),
        str(LOG).replace(LOG.key_id.hex(), "00000000"),
        str(LOG).replace(LOG.key_id.hex(), LOG.key_id.hex().upper()),
        str(LOG).replace(ORIGIN, "other"),
        str(LOG).replace(ORIGIN, "a b"),
        str(LOG)[:-4],
    ],
)
def test_keys(text: str) -> None:
    assert code(lambda: VerifierKey.parse(text)) == 3
    assert code(lambda: Key.read(text)) == 3
    assert Key.read(str(LOG)).public == VerifierKey.parse(str(LOG)).public


def test_proofs_padded_with_their_own_hashes() -> None:
    leaves = [leaf_hash(bytes([n])) for n in range(13)]
    for size in range(1, 14):
        root = root_hash(leaves[:size])
        for old in range(size + 1):
            old_root = root_hash(leaves[:old])
            proof = consistency_proof(leaves[:size], old) if old else ()
            shapes = [proof, (*proof[:1], *proof), (*proof, *proof[-1:]), (old_root, *proof)]
            shapes += [(*proof, root), proof[1:], proof[:-1], tuple(reversed(proof))]
            for shape in shapes:
                one = code(lambda s=shape: verify_consistency(old, size, old_root, root, s))  # noqa: B023
                two = code(lambda s=shape: check_consistency(old, size, old_root, root, s))  # noqa: B023
                assert one == two == (0 if shape == proof and old else 3), (old, size, shape)
        for index in range(size):
            path = inclusion_proof(leaves[:size], index)
            for shape in (path, (*path[:1], *path), (*path, *path[-1:]), path[1:], path[:-1]):
                one = code(lambda s=shape: verify_inclusion(leaves[index], index, size, s, root))  # noqa: B023
                two = code(lambda s=shape: check_inclusion(leaves[index], index, size, s, root))  # noqa: B023
                assert one == two == (0 if shape == path else 3)
    empty = root_hash([])
    assert code(lambda: check_consistency(0, 0, empty, empty, ())) == 3
    assert code(lambda: check_inclusion(leaves[0], -1, 5, (), leaves[0])) == 3
