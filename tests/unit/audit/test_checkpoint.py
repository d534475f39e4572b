import base64
import struct
from datetime import date

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.cosignature import cosign, cosigners, midnight, require_quorum, verify_cosignature
from audit.errors import NoteInvalid, SignatureUntrusted, WitnessMissing
from audit.note import COSIGNATURE, ED25519, Signature, SignedNote, VerifierKey, sign_note

# The example of C2SP's tlog-checkpoint and tlog-cosignature; its keys are not published.
C2SP = (
    "example.com/behind-the-sofa\n"
    "20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    "\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/"
    "Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJs"
    "X3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
TEXT = Checkpoint("crowdlens/" + "0" * 32, 3, bytes(32)).text()
DAY = date(2026, 11, 23)


@pytest.fixture
def witness() -> tuple[VerifierKey, Ed25519PrivateKey]:
    private = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    return VerifierKey("w", COSIGNATURE, private.public_key().public_bytes_raw()), private


def test_the_published_example_parses() -> None:
    signed = SignedCheckpoint.parse(C2SP.encode())
    assert signed.checkpoint.origin == "example.com/behind-the-sofa"
    assert signed.checkpoint.size == 20852163
    root = base64.b64encode(signed.checkpoint.root).decode()
    assert root == "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert signed.checkpoint.text() == signed.note.text
    # The cosignature's stamp is the one that the specification shows: time 1679315147.
    assert struct.unpack(">Q", signed.note.signatures[1].blob[:8]) == (1679315147,)
    assert signed.note.to_bytes() == C2SP.encode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        TEXT[:-1],
        TEXT + "extension\n",
        TEXT.replace("\n3\n", "\n03\n"),
        TEXT.replace("\n3\n", "\n-3\n"),
        TEXT.replace("\n3\n", "\n+3\n"),
        TEXT.replace("\n3\n", "\n3.0\n"),
        TEXT.replace("\n3\n", "\n\u0663\n"),
        TEXT.replace("\n3\n", "\n \n"),
        TEXT.replace("\n3\n", "\n9999999999999999\n"),
        TEXT.replace("crowdlens/", "").replace("0" * 32, ""),
        TEXT.replace("crowdlens/", "crowd lens/"),
        TEXT.replace("AAA=\n", "AA==\n"),
        TEXT.replace("AAA=\n", "AAB=\n"),
        TEXT.replace("AAA=\n", "AAA\n"),
    ],
)
def test_what_is_not_a_checkpoint_raises_one_error(text: str) -> None:
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(text)


def test_a_cosignature_is_stamped_with_midnight(
    witness: tuple[VerifierKey, Ed25519PrivateKey],
) -> None:
    key, private = witness
    signature = cosign(TEXT, key, private, DAY)
    assert struct.unpack(">Q", signature.blob[:8]) == (midnight(DAY),)
    assert midnight(DAY) % 86_400 == 0
    assert len(signature.blob) == 72
    verify_cosignature(signature, TEXT, key)
    # The message is the specification's, letter for letter.
    message = f"cosignature/v1\ntime {midnight(DAY)}\n{TEXT}".encode()
    private.public_key().verify(signature.blob[8:], message)


def test_a_cosignature_binds_text_stamp_and_key(
    witness: tuple[VerifierKey, Ed25519PrivateKey],
) -> None:
    key, private = witness
    good = cosign(TEXT, key, private, DAY)
    other = VerifierKey("other", COSIGNATURE, key.public)
    later = struct.pack(">Q", midnight(DAY) + 86_400) + good.blob[8:]
    finer_stamp = midnight(DAY) + 1
    finer = struct.pack(">Q", finer_stamp) + private.sign(
        f"cosignature/v1\ntime {finer_stamp}\n{TEXT}".encode()
    )
    for signature, text, by in (
        (good, TEXT.replace("\n3\n", "\n4\n"), key),
        (good, TEXT, other),
        (Signature(good.name, good.key_id, later), TEXT, key),
        (Signature(good.name, good.key_id, finer), TEXT, key),
        (Signature(good.name, good.key_id, good.blob[:-1]), TEXT, key),
        (Signature(good.name, good.key_id, good.blob + b"\0"), TEXT, key),
        (Signature(good.name, good.key_id, b""), TEXT, key),
    ):
        with pytest.raises(SignatureUntrusted):
            verify_cosignature(signature, text, by)


def test_a_plain_signature_is_no_cosignature(
    witness: tuple[VerifierKey, Ed25519PrivateKey],
) -> None:
    key, private = witness
    plain = VerifierKey("w", ED25519, key.public)
    signature = sign_note(TEXT, "w", private).signatures[0]
    assert signature.is_by(plain)
    with pytest.raises(SignatureUntrusted):
        verify_cosignature(signature, TEXT, plain)
    assert cosigners(SignedNote(TEXT, (signature,)), [key]) == ()


def test_a_quorum_counts_each_witness_once(
    witness: tuple[VerifierKey, Ed25519PrivateKey],
) -> None:
    key, private = witness
    twice = SignedNote(TEXT, (cosign(TEXT, key, private, DAY),) * 2)
    require_quorum(twice, [key], 1)
    absent = VerifierKey("v", COSIGNATURE, bytes(32))
    with pytest.raises(WitnessMissing):
        require_quorum(twice, [key, absent], 2)
    wrong = Signature(key.name, key.key_id, bytes(72))
    with pytest.raises(SignatureUntrusted):
        require_quorum(SignedNote(TEXT, (*twice.signatures, wrong)), [key], 1)
