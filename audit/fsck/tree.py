"""The tree of RFC 6962 section 2.1 once more, by other algorithms than the writer's.

Roots come from one pass with a stack of complete subtrees; proofs are verified by recursion over
the definitions of sections 2.1.1 and 2.1.2, from the top of the tree down.
"""

import hashlib
from collections.abc import Iterable, Sequence

from audit.fsck.problem import tampered


def leaf(data: bytes) -> bytes:
    """Return the hash of one line."""
    return hashlib.sha256(b"\x00" + data).digest()


def _above(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def roots(lines: Iterable[bytes], sizes: Iterable[int]) -> dict[int, bytes]:
    """Return the root at each of the sizes that the lines reach."""
    wanted = set(sizes)
    found: dict[int, bytes] = {}
    if 0 in wanted:
        found[0] = hashlib.sha256(b"").digest()
    stack: list[tuple[int, bytes]] = []
    for count, line in enumerate(lines, start=1):
        height, node = 0, leaf(line)
        while stack and stack[-1][0] == height:
            node = _above(stack.pop()[1], node)
            height += 1
        stack.append((height, node))
        if count in wanted:
            root = stack[-1][1]
            for _, left in reversed(stack[:-1]):
                root = _above(left, root)
            found[count] = root
    return found


def _half(size: int) -> int:
    half = 1
    while half * 2 < size:
        half *= 2
    return half


def check_inclusion(
    node: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `Problem` unless the leaf hash stands at `index` of the tree of that size and root."""
    _check_widths(node, root, *proof)
    if not 0 <= index < size or _lead(node, index, size, proof) != root:
        raise tampered("an inclusion proof does not lead to the root")


def _lead(node: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    if size == 1:
        if proof:
            raise tampered("a proof is too long")
        return node
    if not proof:
        raise tampered("a proof is too short")
    half = _half(size)
    if index < half:
        return _above(_lead(node, index, half, proof[:-1]), proof[-1])
    return _above(proof[-1], _lead(node, index - half, size - half, proof[:-1]))


def check_consistency(
    old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `Problem` unless the old tree is the beginning of the new; nothing continues nothing.

    An old size of 0 says nothing, so it never passes.
    """
    _check_widths(old_root, root, *proof)
    if not 0 < old <= size or _both(old, size, proof, old_root) != (old_root, root):
        raise tampered("a consistency proof does not lead to both roots")


def _both(old: int, size: int, proof: Sequence[bytes], known: bytes | None) -> tuple[bytes, bytes]:
    if old == size:
        if known is not None and not proof:
            return known, known
        if known is None and len(proof) == 1:
            return proof[0], proof[0]
        raise tampered("a proof has the wrong length")
    if not proof:
        raise tampered("a proof is too short")
    half = _half(size)
    if old <= half:
        before, after = _both(old, half, proof[:-1], known)
        return before, _above(after, proof[-1])
    before, after = _both(old - half, size - half, proof[:-1], None)
    return _above(proof[-1], before), _above(proof[-1], after)


def _check_widths(*hashes: bytes) -> None:
    if len(hashes) > 65 or any(len(h) != 32 for h in hashes):
        raise tampered("a hash has 32 bytes, and a proof at most 63 hashes")
