"""The vectors under `tests/vectors/audit`: each says what must come of it."""

import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from audit import AuditError, TlogProof, Trust, TrustedWitness, VerifierKey, verify
from audit.checkpoint import SignedCheckpoint
from audit.commitments import Salts, body_of
from audit.cosignature import require_quorum
from audit.fsck import fsck
from audit.history import parse_line
from audit.merkle import verify_consistency, verify_inclusion

VECTORS = Path(__file__).resolve().parents[2] / "vectors" / "audit"


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def outcome(act: Callable[[], object]) -> str:
    try:
        act()
    except AuditError as error:
        return error.code
    return "ok"


def hashes(texts: list[str]) -> list[bytes]:
    return [bytes.fromhex(t) for t in texts]


def test_the_files_are_what_the_builder_builds() -> None:
    spec = importlib.util.spec_from_file_location("audit_vectors", VECTORS / "build_vectors.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    built = module.build()
    assert {p.name for p in VECTORS.glob("*.json")} == set(built)
    for name, text in built.items():
        assert (VECTORS / name).read_text() == text, f"{name}: run build_vectors.py"


def test_commitments() -> None:
    cases = load("commitments.json")
    for c in cases["opened"]:
        salts = Salts(*hashes(c["salts"]))
        listed = None if c["list"] is None else bytes.fromhex(c["list"])
        for marks in (hashes(c["marks"]), hashes(c["marks"])[::-1]):
            body = body_of(salts, marks, listed)
            assert (body.inputs, body.optouts) == (c["inputs"], c["optouts"])
    for c in cases["lines"]:
        assert outcome(lambda c=c: parse_line(c["line"].encode())) == c["want"], c["name"]


def test_inclusion() -> None:
    cases = load("inclusion.json")
    assert len(cases) > 200
    for c in cases:
        leaf, root = bytes.fromhex(c["leaf"]), bytes.fromhex(c["root"])
        got = outcome(
            lambda c=c, leaf=leaf, root=root: verify_inclusion(
                leaf, c["index"], c["size"], hashes(c["proof"]), root
            )
        )
        assert got == c["want"], c["name"]


def test_consistency() -> None:
    cases = load("consistency.json")
    assert len(cases) > 150
    for c in cases:
        old_root, root = bytes.fromhex(c["old_root"]), bytes.fromhex(c["root"])
        got = outcome(
            lambda c=c, old_root=old_root, root=root: verify_consistency(
                c["old"], c["size"], old_root, root, hashes(c["proof"])
            )
        )
        assert got == c["want"], c["name"]


def test_checkpoints() -> None:
    vectors = load("checkpoints.json")
    log, witness = (VerifierKey.parse(vectors[k]) for k in ("log", "witness"))

    def check(text: str) -> None:
        note = SignedCheckpoint.parse(text.encode()).note
        note.verify_by(log)
        require_quorum(note, [witness], 1)

    for c in vectors["cases"]:
        assert outcome(lambda c=c: check(c["checkpoint"])) == c["want"], c["name"]


def test_proofs() -> None:
    vectors = load("proofs.json")
    log, witness = (VerifierKey.parse(vectors[k]) for k in ("log", "witness"))
    trust = Trust(log, (TrustedWitness(witness),), 1)
    for c in vectors["cases"]:
        got = outcome(lambda c=c: TlogProof.parse(c["proof"].encode()).verify(trust))
        assert got == c["want"], c["name"]


def test_logs(tmp_path: Path) -> None:
    """Whole logs, which both verifiers judge: keys handed over, policies followed and revoked."""
    cases = load("logs.json")
    assert len({c["name"] for c in cases}) == len(cases) > 50
    for c in cases:
        log, trust = tmp_path / c["name"], tmp_path / f"{c['name']}.yaml"
        log.mkdir()
        (log / "entries.jsonl").write_text("".join(line + "\n" for line in c["entries"]))
        (log / "checkpoint").write_text(c["checkpoint"])
        trust.write_text(json.dumps(c["trust"]))
        found = verify(log, Trust.load(trust))
        assert (found.failure.code if found.failure else "ok") == c["want"], c["name"]
        assert fsck(log, trust).exit_code == found.exit_code, c["name"]
