"""Proofs that transparency-dev publishes hold for both verifiers; what its table breaks, does not.

That library refuses an old size of 0, and so do we: it is no anchor, and never verified.
"""

import json
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from audit.errors import ProofInvalid
from audit.fsck.problem import Problem
from audit.fsck.tree import check_consistency, check_inclusion
from audit.merkle import verify_consistency, verify_inclusion

FILE = Path(__file__).resolve().parents[2] / "vectors" / "merkle" / "published.json"
PUBLISHED: dict[str, Any] = json.loads(FILE.read_text())
OTHER = bytes(range(32))
EMPTY = b64decode("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
Proof = tuple[bytes, ...]
Consistency = tuple[int, int, bytes, bytes, Proof]
Inclusion = tuple[bytes, int, int, Proof, bytes]


def _proof(case: dict[str, Any]) -> Proof:
    return tuple(b64decode(text) for text in case["proof"])


CONSISTENCY: list[Consistency] = [
    (c["size1"], c["size2"], b64decode(c["root1"]), b64decode(c["root2"]), _proof(c))
    for c in PUBLISHED["consistency"]
]
INCLUSION: list[Inclusion] = [
    (b64decode(c["leafHash"]), c["leafIdx"], c["treeSize"], _proof(c), b64decode(c["root"]))
    for c in PUBLISHED["inclusion"]
]


def _broken_proofs(proof: Proof, *roots: bytes) -> Iterator[tuple[str, Proof]]:
    for i, part in enumerate(proof):
        yield (
            f"modified-proof@{i}-bit-@4",
            (*proof[:i], bytes([part[0] ^ 16]) + part[1:], *proof[i + 1 :]),
        )
        yield f"removed-proof@{i}", (*proof[:i], *proof[i + 1 :])
    yield "trailing-garbage", (*proof, OTHER)
    yield "preceding-garbage", (OTHER, *proof)
    for number, root in enumerate(roots, start=1):
        yield f"trailing-root{number}", (*proof, root)
        yield f"preceding-root{number}", (root, *proof)
    if proof:
        yield "empty-proof", ()
        yield "truncated-proof", proof[:-1]
        yield "preceding-proof@0", (proof[0], *proof)


def broken_consistency() -> Iterator[tuple[str, Consistency]]:
    for old, new, root1, root2, proof in CONSISTENCY:
        case = f"{old}-{new}"
        for size1 in {old - 1, old + 1, old ^ 2} - {old}:
            yield f"{case}-size1-{size1}", (size1, new, root1, root2, proof)
        for size2 in {new * 2, new // 2} - {new}:
            yield f"{case}-size2-{size2}", (old, size2, root1, root2, proof)
        yield f"{case}-wrong-root1", (old, new, OTHER, root2, proof)
        yield f"{case}-wrong-root2", (old, new, root1, OTHER, proof)
        if root1 != root2:
            yield f"{case}-swapped-roots", (old, new, root2, root1, proof)
        for name, other in _broken_proofs(proof, root1, root2):
            yield f"{case}-{name}", (old, new, root1, root2, other)
    yield "old-size-0", (0, 8, EMPTY, CONSISTENCY[1][3], ())
    yield "both-sizes-0", (0, 0, EMPTY, EMPTY, ())


def broken_inclusion() -> Iterator[tuple[str, Inclusion]]:
    for leaf, index, size, proof, root in INCLUSION:
        case = f"{index}-{size}"
        for other in {index - 1, index + 1, index ^ 2} - {index}:
            yield f"{case}-index-{other}", (leaf, other, size, proof, root)
        for other in {size * 2, size // 2} - {size}:
            yield f"{case}-size-{other}", (leaf, index, other, proof, root)
        yield f"{case}-wrong-leaf", (OTHER, index, size, proof, root)
        yield f"{case}-empty-root", (leaf, index, size, proof, b"")
        yield f"{case}-random-root", (leaf, index, size, proof, OTHER)
        for name, wrong in _broken_proofs(proof, root):
            yield f"{case}-{name}", (leaf, index, size, wrong, root)


@pytest.mark.parametrize("case", CONSISTENCY, ids=lambda c: f"{c[0]}-{c[1]}")
def test_published_consistency_holds(case: Consistency) -> None:
    verify_consistency(*case)
    check_consistency(*case)


@pytest.mark.parametrize("case", INCLUSION, ids=lambda c: f"{c[1]}-{c[2]}")
def test_published_inclusion_holds(case: Inclusion) -> None:
    verify_inclusion(*case)
    check_inclusion(*case)


@pytest.mark.parametrize(("name", "case"), list(broken_consistency()), ids=lambda v: str(v)[:40])
def test_broken_consistency_is_refused(name: str, case: Consistency) -> None:
    with pytest.raises(ProofInvalid):
        verify_consistency(*case)
    with pytest.raises(Problem):
        check_consistency(*case)


@pytest.mark.parametrize(("name", "case"), list(broken_inclusion()), ids=lambda v: str(v)[:40])
def test_broken_inclusion_is_refused(name: str, case: Inclusion) -> None:
    with pytest.raises(ProofInvalid):
        verify_inclusion(*case)
    with pytest.raises(Problem):
        check_inclusion(*case)
