import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.errors import NoteInvalid, SignatureUntrusted
from audit.note import COSIGNATURE, ED25519, Signature, SignedNote, VerifierKey, sign_note

# The example of Go's sumdb/note, from which C2SP's signed-note comes.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
LINE = (
    "\u2014 PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{LINE}".encode()


def test_the_published_example_verifies() -> None:
    key = VerifierKey.parse(VKEY)
    assert str(key) == VKEY
    note = SignedNote.parse(NOTE)
    note.verify_by(key)
    assert note.text == TEXT
    assert note.to_bytes() == NOTE


def test_signing_gives_the_published_bytes() -> None:
    # The published private key: base64 of the type byte and the seed.
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    note = sign_note(TEXT, "PeterNeumann", Ed25519PrivateKey.from_private_bytes(seed))
    assert note.to_bytes() == NOTE


def test_the_last_empty_line_separates_text_and_signatures() -> None:
    private = Ed25519PrivateKey.generate()
    key = VerifierKey("a", ED25519, private.public_key().public_bytes_raw())
    note = SignedNote.parse(sign_note("one\n\ntwo\n", "a", private).to_bytes())
    assert note.text == "one\n\ntwo\n"
    note.verify_by(key)


def test_unknown_signatures_are_ignored_and_wrong_known_ones_are_not() -> None:
    key = VerifierKey.parse(VKEY)
    note = SignedNote.parse(NOTE)
    good = note.signatures[0]
    stranger = Signature("PeterNeumann", b"\0\0\0\0", good.blob)
    SignedNote(TEXT, (stranger, good)).verify_by(key)
    wrong = Signature(good.name, good.key_id, bytes(64))
    for signatures in ((wrong,), (wrong, good), (good, wrong), (stranger,)):
        with pytest.raises(SignatureUntrusted):
            SignedNote(TEXT, signatures).verify_by(key)
    with pytest.raises(SignatureUntrusted):
        SignedNote(TEXT.replace("your", "my"), (good,)).verify_by(key)


def test_a_cosignature_key_does_not_sign_notes() -> None:
    private = Ed25519PrivateKey.generate()
    cosigner = VerifierKey("a", COSIGNATURE, private.public_key().public_bytes_raw())
    forged = Signature("a", cosigner.key_id, private.sign(b"x\n"))
    with pytest.raises(SignatureUntrusted):
        SignedNote("x\n", (forged,)).verify_by(cosigner)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"\n\n",
        b"text\n\n",
        b"text\n",
        f"\n{LINE}".encode(),
        NOTE[:-1],
        NOTE + b"\n",
        NOTE + b"x\n",
        NOTE.replace(b"\n\n", b"\n"),
        NOTE.replace(b"\xe2\x80\x94", b"--"),
        NOTE.replace(b"\xe2\x80\x94 ", b"\xe2\x80\x94  "),
        NOTE.replace(b"=\n", b"\n"),
        NOTE.replace(b"JnAM=", b"JnAN="),
        NOTE.replace(b"PeterNeumann ", b"Peter+Neumann "),
        NOTE.replace(b"PeterNeumann ", b"Peter\xc2\xa0Neumann "),
        NOTE.replace(b"answer", b"ans\twer"),
        NOTE.replace(b"answer", b"ans\xffwer"),
        NOTE.replace(b"answer", b"ans\rwer"),
        f"{TEXT}\n\u2014 PeterNeumann x08gow==\n".encode(),
        f"{TEXT}\n{LINE * 40}".encode(),
        b"x" * 70_000 + NOTE,
    ],
)
def test_what_is_not_a_note_raises_one_error(data: bytes) -> None:
    with pytest.raises(NoteInvalid):
        SignedNote.parse(data)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "PeterNeumann",
        VKEY.replace("c74f20a3", "c74f20a4"),
        VKEY.replace("c74f20a3", "C74F20A3"),
        VKEY.replace("PeterNeumann", ""),
        VKEY.replace("PeterNeumann", "Peter Neumann"),
        VKEY.replace("PeterNeumann", "Peter\u2003Neumann"),
        VKEY.replace("PeterNeumann", "Peter\udc80"),
        VKEY[:-1],
        VKEY + "=",
        VKEY + "\n",
        VKEY.replace("ARpc", "A!pc"),
        "a+00000000+",
        "a+00000000+AQ==",
    ],
)
def test_what_is_not_a_verifier_key_raises_one_error(text: str) -> None:
    with pytest.raises(NoteInvalid):
        VerifierKey.parse(text)


def test_key_types_that_are_not_ours_are_refused() -> None:
    with pytest.raises(NoteInvalid):
        VerifierKey("a", 0x02, bytes(32))


def test_a_text_without_a_newline_is_not_signed() -> None:
    with pytest.raises(NoteInvalid):
        sign_note("x", "a", Ed25519PrivateKey.generate())
