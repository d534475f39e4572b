import hashlib

import pytest

from audit.errors import ProofInvalid
from audit.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)

# The leaf inputs of the Certificate Transparency reference implementations, with their roots.
INPUTS = [
    bytes.fromhex(h)
    for h in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SIZES = 33


def recursive_root(leaves: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word: another way than `root_hash` takes."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return node_hash(recursive_root(leaves[:k]), recursive_root(leaves[k:]))


@pytest.fixture(scope="module")
def leaves() -> list[bytes]:
    return [leaf_hash(bytes([i])) for i in range(SIZES)]


@pytest.mark.parametrize("size", range(9))
def test_known_roots(size: int) -> None:
    hashes = [leaf_hash(data) for data in INPUTS[:size]]
    assert root_hash(hashes).hex() == ROOTS[size]


def test_root_equals_the_recursive_definition(leaves: list[bytes]) -> None:
    for size in range(SIZES):
        assert root_hash(leaves[:size]) == recursive_root(leaves[:size])


def test_every_inclusion_proof_verifies_at_its_place_only(leaves: list[bytes]) -> None:
    for size in range(1, SIZES):
        root = root_hash(leaves[:size])
        for index in range(size):
            proof = inclusion_proof(leaves[:size], index)
            verify_inclusion(leaves[index], index, size, proof, root)
            for other in {index - 1, index + 1, size, -1} - {index}:
                with pytest.raises(ProofInvalid):
                    verify_inclusion(leaves[index], other, size, proof, root)


def test_every_consistency_proof_verifies(leaves: list[bytes]) -> None:
    for size in range(1, SIZES):
        root = root_hash(leaves[:size])
        for old in range(1, size + 1):
            proof = consistency_proof(leaves[:size], old)
            old_root = root_hash(leaves[:old])
            verify_consistency(old, size, old_root, root, proof)
            if old < size:
                with pytest.raises(ProofInvalid):
                    verify_consistency(old, size, leaves[-1], root, proof)
            with pytest.raises(ProofInvalid):
                verify_consistency(old, size, old_root, leaves[-1], proof)


def test_sizes_belong_to_their_roots(leaves: list[bytes]) -> None:
    # Trees of one shape along the path share their proofs (1 in 3 and 1 in 4), which is why a
    # checkpoint signs size and root together; these have shapes of their own.
    old, size = 13, 21
    old_root, root = root_hash(leaves[:old]), root_hash(leaves[:size])
    proof = consistency_proof(leaves[:size], old)
    for o, n in ((12, 21), (14, 21), (13, 12), (13, 13), (13, 16), (13, 64)):
        with pytest.raises(ProofInvalid):
            verify_consistency(o, n, old_root, root, proof)


def test_mutated_proofs_are_rejected(leaves: list[bytes]) -> None:
    size, old, index = 21, 13, 7
    root, old_root = root_hash(leaves[:size]), root_hash(leaves[:old])
    inclusion = inclusion_proof(leaves[:size], index)
    consistency = consistency_proof(leaves[:size], old)
    assert len(inclusion) > 2
    assert len(consistency) > 2

    def mutations(proof: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
        flipped = [
            (*proof[:i], bytes([proof[i][0] ^ 1]) + proof[i][1:], *proof[i + 1 :])
            for i in range(len(proof))
        ]
        return [
            *flipped,
            proof[:-1],
            proof[1:],
            (),
            (*proof, proof[-1]),
            (proof[0], *proof),
            (root, *proof),
            (*proof, root),
            tuple(reversed(proof)),
            (*proof[:-1], proof[-1][:-1]),
            (*proof, *[root] * 64),
        ]

    for proof in mutations(inclusion):
        with pytest.raises(ProofInvalid):
            verify_inclusion(leaves[index], index, size, proof, root)
    for proof in mutations(consistency):
        with pytest.raises(ProofInvalid):
            verify_consistency(old, size, old_root, root, proof)
    with pytest.raises(ProofInvalid):
        verify_consistency(old, size, root, old_root, consistency)
    with pytest.raises(ProofInvalid):
        verify_inclusion(leaves[index + 1], index, size, inclusion, root)


def test_an_old_size_of_zero_is_no_anchor(leaves: list[bytes]) -> None:
    empty, root = root_hash([]), root_hash(leaves)
    for proof in ((), (root,), (empty,)):
        with pytest.raises(ProofInvalid):
            verify_consistency(0, len(leaves), empty, root, proof)
    with pytest.raises(ProofInvalid):
        verify_consistency(0, 0, empty, empty, ())
    with pytest.raises(ProofInvalid):
        consistency_proof(leaves, 0)


def test_one_size_has_one_root(leaves: list[bytes]) -> None:
    root = root_hash(leaves[:5])
    verify_consistency(5, 5, root, root, ())
    with pytest.raises(ProofInvalid):
        verify_consistency(5, 5, root, root_hash(leaves[1:6]), ())
    with pytest.raises(ProofInvalid):
        verify_consistency(5, 5, root, root, (root,))


def test_no_proof_of_what_is_not_there(leaves: list[bytes]) -> None:
    for index in (-1, 3):
        with pytest.raises(ProofInvalid):
            inclusion_proof(leaves[:3], index)
    with pytest.raises(ProofInvalid):
        consistency_proof(leaves[:3], 4)
