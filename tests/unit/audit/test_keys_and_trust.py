from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from audit.errors import LogExists, SignatureUntrusted, TrustInvalid
from audit.keys import create_key, load_key, public_bytes
from audit.note import COSIGNATURE, ED25519, VerifierKey
from audit.trust import Approver, Trust, TrustedWitness

LOG = VerifierKey("log", ED25519, bytes(31) + b"\1")
W1 = VerifierKey("w1", COSIGNATURE, bytes(31) + b"\2")
W2 = VerifierKey("w2", COSIGNATURE, bytes(31) + b"\3")
STEWARD = Approver(role="steward", key="ed25519:" + "0" * 64)


def test_a_key_file_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "k"
    made = create_key(path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert public_bytes(load_key(path)) == public_bytes(made)
    with pytest.raises(LogExists):
        create_key(path)
    assert public_bytes(load_key(path)) == public_bytes(made)
    path.chmod(0o640)
    with pytest.raises(SignatureUntrusted):
        load_key(path)


def test_what_is_no_key_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "k"
    with pytest.raises(SignatureUntrusted):
        load_key(path)
    other = generate_private_key(SECP256R1()).private_bytes(
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    for data in (b"", b"x", other):
        path.write_bytes(data)
        path.chmod(0o600)
        with pytest.raises(SignatureUntrusted):
            load_key(path)


def test_trust_round_trips_with_relative_paths(tmp_path: Path) -> None:
    trust = Trust(
        LOG, (TrustedWitness(W1, tmp_path / "w" / "1"), TrustedWitness(W2)), 2, (STEWARD,)
    )
    file = tmp_path / "trust.yaml"
    trust.dump(file)
    assert "path: w/1" in file.read_text()
    assert Trust.load(file) == trust


@pytest.mark.parametrize(
    "make",
    [
        lambda: Trust(W1),
        lambda: Trust(LOG, (TrustedWitness(LOG),), 1),
        lambda: Trust(LOG, (TrustedWitness(W1), TrustedWitness(W1)), 1),
        lambda: Trust(
            LOG,
            (
                TrustedWitness(W1),
                TrustedWitness(VerifierKey("another-name", COSIGNATURE, W1.public)),
            ),
            2,
        ),
        lambda: Trust(LOG, (TrustedWitness(VerifierKey("w", COSIGNATURE, LOG.public)),), 1),
        lambda: Trust(LOG, (TrustedWitness(VerifierKey("log", COSIGNATURE, W1.public)),), 1),
        lambda: Trust(LOG, (TrustedWitness(W1),), 2),
        lambda: Trust(LOG, (), -1),
        lambda: Trust(LOG, approvers=(STEWARD, Approver(role="dpo", key=STEWARD.key))),
    ],
)
def test_one_key_counts_once(make: Any) -> None:
    with pytest.raises(TrustInvalid):
        make()


GOOD = f"schema: crowdlens-trust/v1\nlog: {LOG}\nquorum: 0\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "a",
        "{",
        "\x00",
        "[" * 2000,
        GOOD + "more: 1\n",
        GOOD + "quorum: 0\n",
        GOOD.replace("v1", "v2"),
        GOOD.replace("quorum: 0", "quorum: '0'"),
        GOOD.replace("quorum: 0", "quorum: true"),
        GOOD.replace(f"log: {LOG}", "log: x"),
        GOOD.replace(f"log: {LOG}", f"log: {W1}"),
        GOOD + "witnesses: [{vkey: x}]\n",
        GOOD + "approvers: [{role: S, key: x}]\n",
        GOOD + "? [a]\n: b\n",
        GOOD + "? {a: b}\n: b\n",
        GOOD + "x: !!python/object/apply:os.getcwd []\n",
    ],
)
def test_what_is_no_trust_file_raises_one_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "trust.yaml"
    file.write_text(GOOD)
    Trust.load(file)
    file.write_text(text)
    with pytest.raises(TrustInvalid):
        Trust.load(file)


def test_no_trust_file_is_a_typed_error(tmp_path: Path) -> None:
    with pytest.raises(TrustInvalid):
        Trust.load(tmp_path / "none")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(TrustInvalid):
        Trust.load(tmp_path / "bytes")
