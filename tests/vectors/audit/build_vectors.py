"""Build the golden and negative vectors of the audit log's formats.

    python tests/vectors/audit/build_vectors.py

The keys are fixed and public, so the files come out the same every time; a test compares them.
`want` is `ok`, or the `code` of the error that must be raised.
"""

import json
import struct
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from audit.bodies import LogOpen, RunEnd, RunInputs
from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.commitments import Salts, body_of
from audit.cosignature import cosign
from audit.entries import make_entry
from audit.hand_over import HandOver
from audit.merkle import consistency_proof, inclusion_proof, leaf_hash, root_hash
from audit.note import COSIGNATURE, ED25519, Signature, SignedNote, VerifierKey, sign_note
from audit.proof import TlogProof
from policies.approvals import public_name
from policies.revocation import revoke

HERE = Path(__file__).parent
ORIGIN = "crowdlens/" + "0" * 32
LOG_KEY = Ed25519PrivateKey.from_private_bytes(b"\1" * 32)
WITNESS_KEY = Ed25519PrivateKey.from_private_bytes(b"\2" * 32)
LOG = VerifierKey(ORIGIN, ED25519, LOG_KEY.public_key().public_bytes_raw())
WITNESS = VerifierKey(
    "crowdlens-witness/" + "0" * 32, COSIGNATURE, WITNESS_KEY.public_key().public_bytes_raw()
)
DAY = date(2026, 11, 23)
SIZES = (1, 2, 3, 5, 7, 8, 9)
LEAVES = [leaf_hash(bytes([i])) for i in range(9)]


def _flip(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x80]) + data[at + 1 :]


def _broken(proof: tuple[bytes, ...], root: bytes) -> Iterator[tuple[str, tuple[bytes, ...]]]:
    """Name the ways in which a proof can be wrong (after transparency-dev/merkle's table)."""
    for i in range(len(proof)):
        for at in (0, 31):
            yield (
                f"modified-proof[{i}]-byte-{at}",
                (*proof[:i], _flip(proof[i], at), *proof[i + 1 :]),
            )
        yield f"removed-component-{i}", (*proof[:i], *proof[i + 1 :])
    if proof:
        yield "truncated-component", (*proof[:-1], proof[-1][:-1])
    yield "trailing-garbage", (*proof, bytes(32))
    yield "trailing-root", (*proof, root)
    yield "preceding-root", (root, *proof)
    yield "preceding-garbage", (bytes(32), *proof)
    if len(proof) == 4:  # once is enough: it is long
        yield "too-long", (*proof, *[bytes(32)] * 64)


def _hex(proof: Iterable[bytes]) -> list[str]:
    return [h.hex() for h in proof]


def inclusion() -> list[dict[str, Any]]:
    """Inclusion proofs, good and broken."""
    found = []
    for size in SIZES:
        root = root_hash(LEAVES[:size])
        for index in {0, size // 2, size - 1}:
            proof = inclusion_proof(LEAVES[:size], index)
            base = {"leaf": LEAVES[index].hex(), "index": index, "size": size, "root": root.hex()}

            def case(name: str, want: str = "proof-invalid", **new: Any) -> dict[str, Any]:
                return {"name": f"{index}-{size}-{name}"} | base | new | {"want": want}  # noqa: B023

            good = _hex(proof)
            found.append(case("happy", "ok", proof=good))
            found += [case(name, proof=_hex(p)) for name, p in _broken(proof, root)]
            found.append(case("modified-root", proof=good, root=_flip(root, 0).hex()))
            found.append(case("modified-leaf", proof=good, leaf=_flip(LEAVES[index], 0).hex()))
            found.append(case("index-beyond", proof=good, index=size))
            found.append(case("index-negative", proof=good, index=-1))
            found.append(case("size-zero", proof=good, size=0))
    return sorted(found, key=lambda v: str(v["name"]))


def consistency() -> list[dict[str, Any]]:
    """Consistency proofs, good and broken."""
    found = []
    for size in SIZES:
        root = root_hash(LEAVES[:size])
        for old in {1, (size + 1) // 2, size}:
            old_root = root_hash(LEAVES[:old])
            proof = consistency_proof(LEAVES[:size], old)
            base = {"old": old, "size": size, "old_root": old_root.hex(), "root": root.hex()}

            def case(name: str, want: str = "proof-invalid", **new: Any) -> dict[str, Any]:
                return {"name": f"{old}-{size}-{name}"} | base | new | {"want": want}  # noqa: B023

            good = _hex(proof)
            found.append(case("happy", "ok", proof=good))
            found += [case(name, proof=_hex(p)) for name, p in _broken(proof, root)]
            found.append(case("modified-old-root", proof=good, old_root=_flip(old_root, 9).hex()))
            found.append(case("modified-root", proof=good, root=_flip(root, 9).hex()))
            if old != size:
                swapped = {"old_root": root.hex(), "root": old_root.hex()}
                found.append(case("swapped-roots", proof=good, **swapped))
                found.append(case("swapped-sizes", proof=good, old=size, size=old))
            # C2SP lets an empty tree be consistent with all; to us it is no anchor.
            found.append(case("old-zero", proof=[], old=0, old_root=root_hash([]).hex()))
    return sorted(found, key=lambda v: str(v["name"]))


def _sealed() -> tuple[list[bytes], SignedNote]:
    bodies = [LogOpen(origin=ORIGIN), *[RunEnd(outcome="failed")] * 4]
    lines = [
        make_entry(b, seq=i, at=DAY, run=f"{i:032x}" if i else None).line()
        for i, b in enumerate(bodies)
    ]
    leaves = [leaf_hash(line) for line in lines]
    text = Checkpoint(ORIGIN, len(lines), root_hash(leaves)).text()
    note = sign_note(text, ORIGIN, LOG_KEY)
    return lines, SignedNote(text, (*note.signatures, cosign(text, WITNESS, WITNESS_KEY, DAY)))


def checkpoints() -> list[dict[str, Any]]:
    """Cosigned checkpoints: parse, verify the log's signature, count one witness."""
    _, note = _sealed()
    good = note.to_bytes().decode()
    log, witness = note.signatures
    stranger = Ed25519PrivateKey.from_private_bytes(b"\3" * 32)
    size = "\n5\n"
    texts = {
        "happy": (good, "ok"),
        "unknown-signature": (
            good + Signature("someone", b"abcd", bytes(64)).line(),
            "ok",
        ),
        "size-changed": (good.replace(size, "\n6\n"), "signature-untrusted"),
        "size-leading-zero": (good.replace(size, "\n05\n"), "note-invalid"),
        "size-negative": (good.replace(size, "\n-5\n"), "note-invalid"),
        "extension-line": (good.replace("\n\n", "\nextra\n\n"), "note-invalid"),
        "no-size": (good.replace(size, "\n"), "note-invalid"),
        "no-empty-line": (good.replace("\n\n", "\n"), "note-invalid"),
        "carriage-return": (good.replace("\n", "\r\n"), "note-invalid"),
        "no-last-newline": (good[:-1], "note-invalid"),
        "trailing-space": (good[:-1] + " \n", "note-invalid"),
        "hyphen-for-dash": (good.replace("\u2014", "-"), "note-invalid"),
        "url-safe-base64": (good.replace("+", "-").replace("/", "_"), "note-invalid"),
        "no-signature": (note.text + "\n", "note-invalid"),
        "empty": ("", "note-invalid"),
        "log-unsigned": (
            SignedNote(note.text, (witness,)).to_bytes().decode(),
            "signature-untrusted",
        ),
        "log-signed-by-stranger": (
            SignedNote(
                note.text,
                (Signature(log.name, log.key_id, stranger.sign(note.text.encode())), witness),
            )
            .to_bytes()
            .decode(),
            "signature-untrusted",
        ),
        "not-cosigned": (SignedNote(note.text, (log,)).to_bytes().decode(), "witness-missing"),
        "cosigned-by-the-log": (
            SignedNote(note.text, (log, log)).to_bytes().decode(),
            "witness-missing",
        ),
        "cosignature-stamp-changed": (
            SignedNote(
                note.text,
                (
                    log,
                    Signature(
                        witness.name,
                        witness.key_id,
                        struct.pack(">Q", 86_400) + witness.blob[8:],
                    ),
                ),
            )
            .to_bytes()
            .decode(),
            "signature-untrusted",
        ),
        "cosignature-short": (
            SignedNote(note.text, (log, Signature(witness.name, witness.key_id, witness.blob[:-1])))
            .to_bytes()
            .decode(),
            "signature-untrusted",
        ),
    }
    return [{"name": n, "checkpoint": t, "want": w} for n, (t, w) in sorted(texts.items())]


def proofs() -> list[dict[str, Any]]:
    """Proof files, to be verified against the log key, the witness and a quorum of 1."""
    lines, note = _sealed()
    leaves = [leaf_hash(line) for line in lines]
    signed = SignedCheckpoint.parse(note.to_bytes())
    hashes = inclusion_proof(leaves, 2)
    good = TlogProof(2, hashes, signed, lines[2])
    text = good.to_bytes().decode()
    swapped = TlogProof(2, hashes[::-1], signed, lines[2])
    texts = {
        "happy": (text, "ok"),
        "other-index": (text.replace("index 2", "index 3"), "proof-invalid"),
        "index-beyond": (text.replace("index 2", "index 5"), "proof-invalid"),
        "index-leading-zero": (text.replace("index 2", "index 02"), "note-invalid"),
        "other-entry": (
            TlogProof(2, hashes, signed, lines[3]).to_bytes().decode(),
            "proof-invalid",
        ),
        "no-entry": (TlogProof(2, hashes, signed).to_bytes().decode(), "proof-invalid"),
        "swapped-hashes": (swapped.to_bytes().decode(), "proof-invalid"),
        "hash-missing": (
            TlogProof(2, hashes[:-1], signed, lines[2]).to_bytes().decode(),
            "proof-invalid",
        ),
        "hash-too-short": (
            TlogProof(2, (b"x",), signed, lines[2]).to_bytes().decode(),
            "note-invalid",
        ),
        "other-version": (text.replace("@v1", "@v2"), "note-invalid"),
        "no-index": (text.replace("index 2\n", ""), "note-invalid"),
        "no-empty-line": (text.replace("\n\n", "\n"), "note-invalid"),
        "not-cosigned": (text.replace(note.signatures[1].line(), ""), "witness-missing"),
        "unsigned": (text.replace(note.signatures[0].line(), ""), "signature-untrusted"),
    }
    return [{"name": n, "proof": t, "want": w} for n, (t, w) in sorted(texts.items())]


def commitments() -> dict[str, Any]:
    """Commitments of fixed salts, and entries that may and may not say one."""
    salts = Salts(bytes(range(32)), bytes(range(32, 64)))
    marks = [bytes([n]) * 32 for n in range(3)]
    opened = [
        {
            "salts": [salts.inputs.hex(), salts.optouts.hex()],
            "marks": [mark.hex() for mark in of],
            "list": None if listed is None else listed.hex(),
            **body_of(salts, of, listed).model_dump(),
        }
        for of, listed in ((marks, b"a list"), (marks[:1], b""), ([], None))
    ]
    good = opened[0]["inputs"]
    line = make_entry(RunInputs(inputs=good, optouts=None), seq=4, at=DAY, run="0" * 32).line()
    texts = {
        "happy": (line, "ok"),
        "with-a-list": (line.replace(b"null", f'"{good}"'.encode()), "ok"),
        "list-left-out": (line.replace(b',"optouts":null', b""), "log-tampered"),
        "no-inputs": (line.replace(f'"{good}"'.encode(), b"null"), "log-tampered"),
        "plain-digest": (line.replace(b"hmac-sha256:", b"sha256:"), "log-tampered"),
        "with-a-size": (line.replace(b'"optouts"', b'"n":3,"optouts"'), "log-tampered"),
        "capitals": (line.replace(good.encode(), good.upper().encode()), "log-tampered"),
        "outside-a-run": (line.replace(b',"run":"' + b"0" * 32 + b'"', b""), "log-tampered"),
    }
    lines = [{"name": n, "line": t.decode(), "want": w} for n, (t, w) in sorted(texts.items())]
    return {"opened": opened, "lines": lines}


Step = tuple[str, str, dict[str, Any]]
A, B, C = ("sha256:" + letter * 64 for letter in "abc")
KEYS = {n: Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 7, 8, 9)}
"""Private keys of a log, in the order in which it is handed over: 1, 7, 8; 9 is nobody's."""
STEWARD = Ed25519PrivateKey.from_private_bytes(b"\4" * 32)
AMOUNT = {"delta": "0", "epsilon": "0.5"}


def _log_key(number: int) -> VerifierKey:
    return VerifierKey(ORIGIN, ED25519, KEYS[number].public_key().public_bytes_raw())


def _adopt(policy: str, version: int, /, **more: object) -> Step:
    body = {"policy": policy, "id": "p", "version": version, "class": "production"}
    approvals = [{"role": "steward", "key": public_name(STEWARD)}]
    body |= {"not_after": "2027-01-01", "catalogue": A, "approvals": approvals}
    return "policy.adopt", "", body | more


def _revoke(policy: str, /, **changed: str) -> Step:
    return "policy.revoke", "", revoke(policy, "steward", STEWARD, ORIGIN).model_dump() | changed


def _start(run: str, policy: str) -> Step:
    code = {"version": "0.1.0", "source": A}
    return "run.start", run, {"policy": policy, "dataset": "d", "code": code, "models": []}


def _spend(run: str, policy: str) -> Step:
    body = {"policy": policy, "dataset": "d", "cost": AMOUNT, "periods": []}
    return "budget.reserve", run, {**body, "statistics": [{"id": "s", "cost": AMOUNT}]}


def _release(run: str, policy: str) -> Step:
    outputs = [{"name": "release.csv", "digest": A}]
    return "release", run, {"policy": policy, "dataset": "d", "outputs": outputs}


def _over(old: int, new: int, *, at: int = 0, root: bytes = b"", by: int = 0, **more: str) -> Step:
    """A hand-over; `at`, `root` and `by` (who signs for the old key) are right where left out."""
    return (
        "key.rotate",
        "",
        {"old": old, "new": new, "at": at, "root": root, "by": by, "more": more},
    )


def _line(seq: int, step: Step, leaves: list[bytes]) -> bytes:
    kind, run, body = step
    if kind == "key.rotate":
        size, root = body["at"] or seq, body["root"] or root_hash(leaves)
        over = HandOver(Checkpoint(ORIGIN, size, root), *map(_log_key, (body["old"], body["new"])))
        signed = over.signed(KEYS[body["by"] or body["old"]], KEYS[body["new"]])
        body = signed.model_dump() | body["more"]
    value = {"v": 1, "seq": seq, "type": kind, "at": DAY.isoformat(), "body": body}
    if run:
        value["run"] = run * 32
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _case(
    name: str, want: str, steps: list[Step], *signers: int, delta: str = "0", **trust: Any
) -> dict[str, Any]:
    lines: list[bytes] = []
    total = {"dataset": "d", "unit": "contributor", "total": {"delta": delta, "epsilon": "1"}}
    opened: list[Step] = [("log.open", "", {"origin": ORIGIN}), ("dataset.declare", "", total)]
    for step in [*opened, *steps]:
        lines.append(_line(len(lines), step, [leaf_hash(line) for line in lines]))
    text = Checkpoint(ORIGIN, len(lines), root_hash([leaf_hash(line) for line in lines])).text()
    notes = [sign_note(text, ORIGIN, KEYS[n]).signatures for n in signers or (1,)]
    steward = {"role": "steward", "key": public_name(STEWARD)}
    pins = {"schema": "crowdlens-trust/v1", "log": str(LOG), "quorum": 0, "approvers": [steward]}
    note = SignedNote(text, tuple(s for one in notes for s in one))
    entries = [line.decode() for line in lines]
    return {
        "name": name,
        "trust": pins | trust,
        "entries": entries,
        "checkpoint": note.to_bytes().decode(),
        "want": want,
    }


def _named(*sizes: tuple[int, int]) -> dict[str, Any]:
    return {"successors": [{"vkey": str(_log_key(n)), "from": size} for n, size in sizes]}


def _stolen(number: int, last_good: int) -> dict[str, Any]:
    return {"revoked": [{"vkey": str(_log_key(number)), "last_good": last_good}]}


def rotations() -> Iterator[dict[str, Any]]:
    """Logs that were handed over: entry 2 hands over, so that both keys sign the size 3."""
    no, over, more = "signature-untrusted", _over(1, 7), _adopt(A, 1)
    yield _case("one-key", "ok", [more])
    yield _case("one-key-signed-by-another", no, [more], 7)
    yield _case("hand-over", "ok", [over], 1, 7)
    yield _case("hand-over-old-alone", no, [over], 1)
    yield _case("hand-over-new-alone", no, [over], 7)
    yield _case("after-by-new", "ok", [over, more], 7)
    yield _case("after-by-old", no, [over, more], 1)
    yield _case("after-by-both", no, [over, more], 1, 7)
    yield _case("twice", "ok", [over, _over(7, 8), more], 8)
    yield _case("twice-at-once", "ok", [over, _over(7, 8)], 7, 8)
    yield _case("twice-by-second", no, [over, _over(7, 8), more], 7)
    yield _case("old-key-did-not-agree", no, [_over(1, 7, by=9), more], 7)
    yield _case("of-another-history", no, [_over(1, 7, root=bytes(32)), more], 7)
    yield _case("of-another-place", no, [_over(1, 7, at=3), more], 7)
    yield _case("new-key-did-not-agree", no, [_over(1, 7, by_new="0" * 128), more], 7)
    yield _case("from-a-stranger", no, [_over(9, 7), more], 7)
    yield _case("from-a-former-key", no, [over, _over(1, 8), more], 8)
    yield _case("to-itself", no, [_over(1, 1), more], 1)
    yield _case("back-again", no, [over, _over(7, 1), more], 1)
    yield _case("named", "ok", [over, more], 7, **_named((7, 3)))
    yield _case("named-twice", "ok", [over, _over(7, 8), more], 8, **_named((7, 3), (8, 4)))
    yield _case("another-named", no, [over, more], 7, **_named((8, 3)))
    yield _case("named-from-elsewhere", no, [over, more], 7, **_named((7, 4)))
    yield _case("named-and-not-there", no, [more], 1, **_named((7, 3)))
    yield _case("named-beyond-the-end", "log-cut", [more], 1, **_named((7, 4)))
    yield _case("revoked-after-the-hand-over", "ok", [over, more], 7, **_stolen(1, 3))
    yield _case("revoked-before-the-hand-over", no, [over, more], 7, **_stolen(1, 2))
    named = {**_stolen(1, 2), **_named((7, 3))}
    yield _case("revoked-and-named", "ok", [over, more], 7, **named)
    yield _case("revoked-and-named-at-the-hand-over", "ok", [over], 7, **named)
    yield _case("newest-revoked", no, [over, more], 7, **_stolen(7, 3))
    yield _case("newest-revoked-later", "ok", [over, more], 7, **_stolen(7, 4))


def governed() -> Iterator[dict[str, Any]]:
    """Logs whose policies follow each other, or are revoked."""
    out, one, two = "lifecycle-broken", _adopt(A, 1), _adopt(B, 2, supersedes=A)
    run = [_start("1", A), _spend("1", A)]
    yield _case("followed", "ok", [one, *run, _release("1", A), two, _start("2", B)])
    yield _case("followed-by-who-names-nobody", out, [one, _adopt(B, 2)])
    yield _case("followed-by-who-names-another", out, [one, _adopt(B, 2, supersedes=C)])
    yield _case("followed-by-the-same-version", out, [one, _adopt(B, 1, supersedes=A)])
    yield _case("first-of-a-line-names-one", "ok", [two])
    yield _case("predecessor-null", "log-tampered", [_adopt(A, 1, supersedes=None)])
    yield _case("old-version-started", out, [one, two, _start("1", A)])
    yield _case("old-version-spent", out, [one, run[0], two, run[1]])
    yield _case("old-version-released", "ok", [one, *run, two, _release("1", A)])
    yield _case("old-version-adopted-again", out, [one, two, one])
    tests = [_adopt(A, 2, **{"class": "test"}), _adopt(B, 1, **{"class": "test"})]
    yield _case("tests-do-not-follow", "ok", [*tests, _start("1", A)])
    yield _case("revoked", "ok", [one, *run, _release("1", A), _revoke(A)])
    yield _case("revoked-before-use", "ok", [_revoke(A)])
    yield _case("revoked-started", out, [one, _revoke(A), _start("1", A)])
    yield _case("revoked-spent", out, [one, run[0], _revoke(A), run[1]])
    yield _case("revoked-released", out, [one, *run, _revoke(A), _release("1", A)])
    yield _case("revoked-adopted", out, [_revoke(A), one])
    yield _case("revoked-followed", "ok", [one, _revoke(A), two, _start("1", B)])
    no = "signature-untrusted"
    yield _case("revocation-of-another-policy", no, [one, _revoke(A, policy=B)])
    yield _case("revocation-in-another-role", no, [one, _revoke(A, role="dpo")])
    yield _case("revocation-unsigned", no, [one, _revoke(A, signature="0" * 128)])
    stranger = revoke(A, "steward", KEYS[9], ORIGIN).model_dump()
    yield _case("revocation-by-a-stranger", no, [one, ("policy.revoke", "", stranger)])
    elsewhere = revoke(A, "steward", STEWARD, "crowdlens/" + "1" * 32).model_dump()
    yield _case("revocation-for-another-log", no, [one, ("policy.revoke", "", elsewhere)])


def trained() -> Iterator[dict[str, Any]]:
    """Logs with a training: 20 steps, half of all in each, noise 100, cost 0.0878153... at 1e-6."""
    out, begun = "budget-refused", [_adopt(A, 1), _start("1", A)]

    def spend(epsilon: str = "0.087816", /, **other: Any) -> Step:
        cost = {"delta": "1e-6", "epsilon": epsilon}
        numbers = {"accounts": 1, "noise": "100", "sampling_rate": "0.5", "steps": 20}
        model = {"id": "head", "cost": cost, "training": numbers | other}
        body = {"policy": A, "dataset": "d", "cost": cost, "periods": [], "statistics": [model]}
        return "budget.reserve", "1", body

    card = [{"name": name, "digest": A} for name in ("model-card.md", "model.safetensors")]
    left = ("release", "1", {"policy": A, "dataset": "d", "outputs": card})
    yield _case("trained", "ok", [*begun, spend(), left], delta="1e-6")
    yield _case("trained-for-less", out, [*begun, spend("0.087815")], delta="1e-6")
    yield _case("trained-for-more", "ok", [*begun, spend("0.5")], delta="1e-6")
    yield _case("trained-a-step-more", out, [*begun, spend(steps=21)], delta="1e-6")
    yield _case("trained-by-more", out, [*begun, spend(sampling_rate="0.501")], delta="1e-6")
    yield _case("trained-with-less-noise", out, [*begun, spend(noise="99.9")], delta="1e-6")
    yield _case("trained-by-two-accounts", out, [*begun, spend(accounts=2)], delta="1e-6")
    yield _case("trained-by-how-many", "log-tampered", [*begun, spend(photos=12)], delta="1e-6")


def build() -> dict[str, str]:
    """Return the vector files' texts by name."""
    files: dict[str, Any] = {
        "inclusion.json": inclusion(),
        "consistency.json": consistency(),
        "checkpoints.json": {
            "log": str(LOG),
            "witness": str(WITNESS),
            "cases": checkpoints(),
        },
        "commitments.json": commitments(),
        "logs.json": [*rotations(), *governed(), *trained()],
        "proofs.json": {"log": str(LOG), "witness": str(WITNESS), "cases": proofs()},
    }
    return {name: json.dumps(value, indent=1) + "\n" for name, value in files.items()}


if __name__ == "__main__":
    for file, content in build().items():
        (HERE / file).write_text(content)
