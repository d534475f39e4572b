"""The second verifier on the vectors, and on what it may import."""

import ast
import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from audit.bodies import OUTPUT_NAMES
from audit.fsck import Problem, fsck
from audit.fsck.form import OUTPUTS, read
from audit.fsck.notes import Head, Key
from audit.fsck.pins import Pins
from audit.fsck.proofs import check_proof
from audit.fsck.tree import check_consistency, check_inclusion

ROOT = Path(__file__).resolve().parents[3]
VECTORS = ROOT / "tests" / "vectors" / "audit"
CODES = {
    "ok": 0,
    "note-invalid": 3,
    "proof-invalid": 3,
    "signature-untrusted": 5,
    "witness-missing": 6,
}


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def code(act: Callable[[], object]) -> int:
    try:
        act()
    except Problem as problem:
        return problem.exit_code
    return 0


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


def test_commitments() -> None:
    """How a commitment is made, written down once more; and the entries that may hold one."""
    cases = load("commitments.json")
    for c in cases["opened"]:
        leaves = [hashlib.sha256(b"\0" + mark).digest() for mark in hashes(sorted(c["marks"]))]
        root = _root(leaves)
        listed = hashlib.sha256(bytes.fromhex(c["list"] or "")).digest()
        for name, salt, value in (
            ("inputs", c["salts"][0], b"inputs\0" + root),
            ("optouts", c["salts"][1], b"opt-outs\0" + listed),
        ):
            if name == "optouts" and c["list"] is None:
                assert c[name] is None
                continue
            message = b"crowdlens commitment v1\0" + value
            made = hmac.new(bytes.fromhex(salt), message, "sha256").hexdigest()
            assert c[name] == "hmac-sha256:" + made
    for c in cases["lines"]:
        want = 0 if c["want"] == "ok" else 3
        assert code(lambda c=c: read(c["line"].encode())) == want, c["name"]


def _root(leaves: list[bytes]) -> bytes:
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    both = _root(leaves[:half]) + _root(leaves[half:])
    return hashlib.sha256(b"\1" + both).digest()


def test_inclusion() -> None:
    for c in load("inclusion.json"):
        leaf, root, proof = bytes.fromhex(c["leaf"]), bytes.fromhex(c["root"]), hashes(c["proof"])
        got = code(
            lambda c=c, a=leaf, r=root, p=proof: check_inclusion(a, c["index"], c["size"], p, r)
        )
        assert got == CODES[c["want"]], c["name"]


def test_consistency() -> None:
    for c in load("consistency.json"):
        old, new, proof = (
            bytes.fromhex(c["old_root"]),
            bytes.fromhex(c["root"]),
            hashes(c["proof"]),
        )
        got = code(
            lambda c=c, o=old, n=new, p=proof: check_consistency(c["old"], c["size"], o, n, p)
        )
        assert got == CODES[c["want"]], c["name"]


def test_checkpoints() -> None:
    vectors = load("checkpoints.json")
    log, witness = Key.read(vectors["log"]), Key.read(vectors["witness"])

    def check(text: str) -> None:
        head = Head.read(text.encode())
        head.check_signed(log)
        if not head.cosigned(witness):
            raise Problem(6, "not cosigned")

    for c in vectors["cases"]:
        assert code(lambda c=c: check(c["checkpoint"])) == CODES[c["want"]], c["name"]


def test_proofs() -> None:
    vectors = load("proofs.json")
    pins = Pins(Key.read(vectors["log"]), ((Key.read(vectors["witness"]), None),), 1, frozenset())
    for c in vectors["cases"]:
        got = code(lambda c=c: check_proof(c["proof"].encode(), pins))
        assert got == CODES[c["want"]], c["name"]


def test_the_files_of_a_release_are_the_same() -> None:
    assert set(OUTPUTS) == set(OUTPUT_NAMES)


def test_a_good_log_passes_and_says_what_was_not_checked(finished: Any) -> None:
    found = fsck(finished.log_dir, finished.trust_file)
    assert found.exit_code == 0
    assert {f.name: f.status for f in found.findings}["approvers"] == "not-checked"
    assert [f.status for f in found.findings].count("not-checked") == 1
    assert found.size == len(finished.lines())


def test_anchors(finished: Any, tmp_path: Path) -> None:
    copied = finished.copy(tmp_path / "copy")
    anchor = tmp_path / "remembered"
    anchor.write_bytes(copied.checkpoint.read_bytes())
    assert fsck(copied.log_dir, copied.trust_file, [anchor]).exit_code == 0
    assert fsck(copied.log_dir, copied.trust_file, [tmp_path / "none"]).exit_code == 6
    copied.release(copied.root / "more")
    assert fsck(copied.log_dir, copied.trust_file, [anchor]).exit_code == 0
    later = tmp_path / "later"
    later.write_bytes(copied.checkpoint.read_bytes())
    assert fsck(finished.log_dir, finished.trust_file, [later]).exit_code == 4


@pytest.mark.parametrize("change", ["none", "edit", "remove", "add"])
def test_a_release_is_exactly_the_recorded_one(finished: Any, tmp_path: Path, change: str) -> None:
    copied = finished.copy(tmp_path / "copy")
    out = copied.root / "out"
    if change == "edit":
        (out / "release.csv").write_bytes(b"noisx\n")
    elif change == "remove":
        (out / "release.csv").unlink()
    elif change == "add":
        (out / "report.html").write_bytes(b"x")
    found = fsck(copied.log_dir, copied.trust_file, releases=[out])
    assert found.exit_code == copied.verify(out).exit_code == (0 if change == "none" else 8)


def test_what_is_not_there_is_said_and_not_raised(tmp_path: Path, finished: Any) -> None:
    assert fsck(tmp_path, tmp_path / "trust.yaml").exit_code == 2
    assert fsck(tmp_path, finished.trust_file).exit_code == 4


def test_it_imports_nothing_of_audit_outside_its_folder_and_nothing_of_the_house() -> None:
    allowed = {"cryptography", "yaml"}
    for file in (ROOT / "audit" / "fsck").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            for name in names:
                own = name == "audit.fsck" or name.startswith("audit.fsck.")
                top = name.partition(".")[0]
                assert own or top in allowed or top in _standard(), (file, name)


def _standard() -> frozenset[str]:
    import sys

    return sys.stdlib_module_names
