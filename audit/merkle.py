"""The Merkle tree of RFC 6962 section 2.1: roots, inclusion and consistency proofs.

Hashes are SHA-256, 32 bytes. Trees are given as the sequence of their leaf hashes; a log of a
study has hundreds of entries, so the root is recomputed rather than cached (100,000 leaves take
about 0.3 s). Verification follows RFC 9162 sections 2.1.3.2 and 2.1.4.2, which spell out what
RFC 6962 leaves to the reader.
"""

import hashlib
from collections.abc import Sequence

from audit.errors import ProofInvalid

HASH_BYTES = 32
MAX_PROOF = 63
"""C2SP tlog-witness: no proof has more hashes."""


def leaf_hash(data: bytes) -> bytes:
    """Return SHA-256(0x00 || data), the hash of one entry."""
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right), the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def _split(size: int) -> int:
    """Return the largest power of two smaller than `size` (size >= 2)."""
    return 1 << (size - 1).bit_length() - 1


def root_hash(leaves: Sequence[bytes]) -> bytes:
    """Return the tree's root; of the empty tree, SHA-256 of nothing."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    # Pairing neighbours level by level, an odd one carried up, gives RFC 6962's tree.
    level = list(leaves)
    while len(level) > 1:
        paired = [node_hash(level[i], level[i + 1]) for i in range(0, len(level) - 1, 2)]
        if len(level) % 2:
            paired.append(level[-1])
        level = paired
    return level[0]


def inclusion_proof(leaves: Sequence[bytes], index: int) -> tuple[bytes, ...]:
    """Return the audit path of leaf `index`, from its sibling up (RFC 6962 section 2.1.1)."""
    if not 0 <= index < len(leaves):
        raise ProofInvalid("no such entry in the tree")
    if len(leaves) == 1:
        return ()
    k = _split(len(leaves))
    if index < k:
        return (*inclusion_proof(leaves[:k], index), root_hash(leaves[k:]))
    return (*inclusion_proof(leaves[k:], index - k), root_hash(leaves[:k]))


def verify_inclusion(
    leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `ProofInvalid` unless `leaf` stands at `index` in the tree of `size` and `root`."""
    if not 0 <= index < size or not _well_formed(proof, leaf, root):
        raise ProofInvalid("the inclusion proof does not fit the tree")
    fn, sn, running = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise ProofInvalid("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            running = node_hash(sibling, running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            running = node_hash(running, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or running != root:
        raise ProofInvalid("the inclusion proof does not lead to the root")


def consistency_proof(leaves: Sequence[bytes], old_size: int) -> tuple[bytes, ...]:
    """Return the proof that the first `old_size` leaves are a prefix (RFC 6962 section 2.1.2)."""
    if not 0 < old_size <= len(leaves):
        raise ProofInvalid("no such earlier tree")
    return _subproof(leaves, old_size, whole=True)


def _subproof(leaves: Sequence[bytes], old: int, *, whole: bool) -> tuple[bytes, ...]:
    if old == len(leaves):
        return () if whole else (root_hash(leaves),)
    k = _split(len(leaves))
    if old <= k:
        return (*_subproof(leaves[:k], old, whole=whole), root_hash(leaves[k:]))
    return (*_subproof(leaves[k:], old - k, whole=False), root_hash(leaves[:k]))


def verify_consistency(
    old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]
) -> None:
    """Raise `ProofInvalid` unless the old tree is a prefix of the new one.

    An old size of 0 means that nobody remembers anything: there is no anchor, so nothing can be
    verified, and this raises.
    """
    if not 0 < old_size <= size or not _well_formed(proof, old_root, root):
        raise ProofInvalid("the consistency proof does not fit the trees")
    if old_size == size:
        if proof or old_root != root:
            raise ProofInvalid("trees of one size must have one root")
        return
    path = list(proof)
    # A complete old tree is itself a node of the new one, and its root need not be sent.
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise ProofInvalid("the consistency proof is too short")
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old_running = new_running = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise ProofInvalid("the consistency proof is too long")
        if fn & 1 or fn == sn:
            old_running = node_hash(sibling, old_running)
            new_running = node_hash(sibling, new_running)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            new_running = node_hash(new_running, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn != 0 or old_running != old_root or new_running != root:
        raise ProofInvalid("the consistency proof does not lead to the roots")


def _well_formed(proof: Sequence[bytes], *hashes: bytes) -> bool:
    return len(proof) <= MAX_PROOF and all(len(h) == HASH_BYTES for h in (*proof, *hashes))
