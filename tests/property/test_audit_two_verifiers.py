"""Two verifiers that share no code agree: on every change of a log's bytes, and on every rule."""

import importlib.util
import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import Approver, AuditError, PolicyAdopt, Training, Trust, outputs_in, verify
from audit.bodies import DatasetDeclare, amounts_of
from audit.checkpoint import Checkpoint
from audit.commitments import Opening, Salts
from audit.entries import parse_entry
from audit.fsck import fsck
from audit.fsck.form import read
from audit.fsck.problem import Problem
from audit.hand_over import HandOver
from audit.history import parse_line
from audit.keys import load_key, public_bytes
from audit.merkle import leaf_hash, root_hash
from audit.note import ED25519, SignedNote, VerifierKey, sign_note
from policies.amounts import Delta, Loss, Rho
from policies.approvals import public_name
from policies.revocation import revoke

_HELPER = Path(__file__).resolve().parents[1] / "unit" / "audit" / "conftest.py"
REAL = ["sha256:" + letter * 64 for letter in "def"]
"""Digests of the versions of a real policy."""
PERIODS = (("2026-W01", "2026-W02"), ("2026-W03", "2026-W03"))


def rho(amount: str, delta: str = "1e-9") -> Loss:
    return Loss(None, Delta.parse(delta), Rho.parse(amount))


@dataclass
class Sealed:
    """A study with runs of every kind, and what its files held when it was sealed."""

    study: Any
    bare: Path
    """A trust file that names the log alone, for logs that a thief signed."""
    keys: list[Ed25519PrivateKey]
    """The log's private keys, in their order: the thief has them all."""

    def __post_init__(self) -> None:
        study = self.study
        self.files = {
            "entries": study.entries,
            "checkpoint": study.checkpoint,
            "memory": study.witness_dir / "checkpoint",
        }
        self.good = {name: path.read_bytes() for name, path in self.files.items()}
        self.origin = study.trust.log.name
        self.lines = [json.loads(line) for line in study.lines()]

    def codes(self, trust: Path | None = None, **changed: bytes) -> tuple[int, int]:
        """Return both verifiers' exit codes for the files with these bytes."""
        try:
            for name, data in changed.items():
                self.files[name].write_bytes(data)
            trust = trust or self.study.trust_file
            first = verify(self.study.log_dir, Trust.load(trust)).exit_code
            return first, fsck(self.study.log_dir, trust).exit_code
        finally:
            for name in changed:
                self.files[name].write_bytes(self.good[name])

    def signed_again(
        self,
        values: list[dict[str, Any]],
        sealed: int,
        signers: list[Ed25519PrivateKey],
        *,
        hand_over: bool = True,
    ) -> tuple[int, int]:
        """Return both exit codes for other entries that a thief of the log's keys has signed.

        With `hand_over`, whoever held the keys before agrees to everything anew.
        """
        lines: list[bytes] = []
        for value in values:
            if hand_over and value["type"] == "key.rotate":
                self._agree(value, lines)
            lines.append(canonical(value))
        root = root_hash([leaf_hash(line) for line in lines[:sealed]])
        text = Checkpoint(self.origin, sealed, root).text()
        notes = [sign_note(text, self.origin, key).signatures for key in signers]
        note = SignedNote(text, tuple(s for one in notes for s in one))
        return self.codes(
            self.bare,
            entries=b"".join(line + b"\n" for line in lines),
            checkpoint=note.to_bytes(),
        )

    def _agree(self, value: dict[str, Any], lines: list[bytes]) -> None:
        held = {f"ed25519:{public_bytes(key).hex()}": key for key in self.keys}
        old, new = (held.get(value["body"][name]) for name in ("old", "new"))
        if old is None or new is None:
            return
        root = root_hash([leaf_hash(line) for line in lines])
        named = [VerifierKey(self.origin, ED25519, public_bytes(key)) for key in (old, new)]
        over = HandOver(Checkpoint(self.origin, len(lines), root), named[0], named[1])
        value["body"] = over.signed(old, new).model_dump()


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def real(study: Any, version: int, supersedes: str | None) -> PolicyAdopt:
    """Return the adoption of a version of a real policy."""
    body = study.adopt(REAL[version - 1]).model_dump(by_alias=True)
    named = {"id": "real", "version": version, "class": "production", "supersedes": supersedes}
    return PolicyAdopt.model_validate({**body, **named})


@pytest.fixture(scope="module")
def sealed() -> Iterator[Sealed]:
    spec = importlib.util.spec_from_file_location("audit_study_two", _HELPER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit_study_two"] = module
    spec.loader.exec_module(module)
    folder = Path(tempfile.mkdtemp())
    study = module.Study.create(folder / "study")
    steward = Ed25519PrivateKey.generate()
    approver = Approver(role="steward", key=public_name(steward))
    replace(study.trust, approvers=(approver,)).dump(study.trust_file)
    keys = [load_key(study.log_dir / "private" / "log.key")]
    study.release(folder / "study" / "out")
    log = study.open()
    log.rotate_key()
    keys.append(load_key(study.log_dir / "private" / "log.key"))
    log.append(DatasetDeclare(dataset="rho-photos", total=amounts_of(rho("1", "1e-8"))))
    other = "sha256:" + "b" * 64
    log.adopt_policy(study.adopt(other))
    (folder / "file").mkdir()
    (folder / "file" / "release.csv").write_bytes(b"x")
    digests = {o.name: o.digest for o in outputs_in(folder / "file")}
    for periods, spent in zip(PERIODS, ({"a": rho("0.5"), "b": rho("0.125")}, {}), strict=True):
        with log.start_run(module.start(other, "rho-photos")) as run:
            run.reserve(spent, periods, "zcdp")
            run.release(digests)
    with log.start_run(module.start(other, "rho-photos")) as run:
        half = Training.of(8, Fraction(1, 2), Fraction(8), 1)
        run.reserve({"head": rho("0.0625", "0")}, training={"head": half})
        run.release({"model-card.md": other, "model.safetensors": other})
    with study.start() as run:
        salts = Salts(bytes(32), bytes([1]) * 32)
        run.commit(Opening(salts, study.DAY, study.DAY, consent=False, keep_until=study.DAY), [])
        run.reserve({"brands": study.loss("0.75", "1e-7")})
        run.end("failed")
    for version, supersedes in ((1, None), (2, REAL[0]), (3, REAL[1])):
        log.adopt_policy(real(study, version, supersedes))
    log.start_run(module.start(REAL[2])).end("failed")
    log.rotate_key()
    keys.append(load_key(study.log_dir / "private" / "log.key"))
    log.revoke_policy(revoke(REAL[2], "steward", steward, study.trust.log.name))
    trust = study.trust
    Trust(trust.log).dump(folder / "bare.yaml")
    yield Sealed(study, folder / "bare.yaml", keys)
    shutil.rmtree(folder)


def changed(draw: Callable[..., Any], good: bytes) -> bytes:
    """Draw a change of a file: a byte, a cut, a swap of lines, a repeat, something put in."""
    kind = draw(st.sampled_from(["byte", "cut", "in", "out", "swap", "repeat", "move", "all"]))
    at = draw(st.integers(0, len(good) - 1))
    lines = good.split(b"\n")
    here, there = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
    if kind == "byte":
        return good[:at] + bytes([draw(st.integers(0, 255))]) + good[at + 1 :]
    if kind == "cut":
        return good[:at]
    if kind == "in":
        return good[:at] + draw(st.binary(min_size=1, max_size=4)) + good[at:]
    if kind == "out":
        return good[:at] + good[at + draw(st.integers(1, 40)) :]
    if kind == "swap":
        lines[here], lines[there] = lines[there], lines[here]
    elif kind == "repeat":
        lines.insert(here, lines[there])
    elif kind == "move":
        lines.insert(here, lines.pop(there) if there < len(lines) else b"")
    else:
        return bytes(draw(st.binary(max_size=200)))
    return b"\n".join(lines)


def told(data: bytes) -> tuple[bytes, frozenset[bytes]]:
    """Return a file's text, and its signatures: a set, for nothing signs their order."""
    text, empty, signatures = data.partition(b"\n\n")
    return text, frozenset(signatures.split(b"\n")) if empty else frozenset()


def agree_on_bytes(sealed: Sealed, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["entries", "entries", "checkpoint", "memory"]))
    new = changed(data.draw, sealed.good[name])
    first, second = sealed.codes(**{name: new})
    assert first == second
    assert first != 0 or told(new) == told(sealed.good[name])


def test_both_find_the_log_as_it_was_sealed_sound(sealed: Sealed) -> None:
    assert sealed.codes() == (0, 0)
    assert sealed.codes(sealed.bare) == (0, 0)
    fold = fsck(sealed.study.log_dir, sealed.study.trust_file).fold
    ledger = sealed.study.verify().ledger
    assert set(fold.purses) == set(ledger.datasets) == {"city-photos", "rho-photos"}
    for name, purse in fold.purses.items():
        account = ledger.account(name)
        assert purse.unit == account.total.main.unit
        assert (purse.total, purse.total_delta) == (
            account.total.main.value,
            account.total.delta.value,
        )
        assert (purse.spent, purse.spent_delta) == (
            account.spent.main.value,
            account.spent.delta.value,
        )


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_both_agree_on_whatever_is_changed(sealed: Sealed, data: st.DataObject) -> None:
    agree_on_bytes(sealed, data)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@settings(max_examples=10_000, deadline=None)
@given(data=st.data())
def test_ten_thousand_changes_are_all_found_by_both(sealed: Sealed, data: st.DataObject) -> None:
    agree_on_bytes(sealed, data)


TRAINING = {"steps": 8, "sampling_rate": "0.5", "noise": "8", "accounts": 1}
VALUES: dict[str, list[Any]] = {
    "policy": ["sha256:" + letter * 64 for letter in "abcdef"],
    "supersedes": ["sha256:" + letter * 64 for letter in "def"],
    "version": [1, 2, 3, 4],
    "id": ["brands", "real"],
    "role": ["steward", "reviewer"],
    "key": ["ed25519:" + "1" * 64],
    "signature": ["0" * 128],
    "by_old": ["0" * 128],
    "by_new": ["0" * 128],
    "dataset": ["city-photos", "rho-photos", "other"],
    "at": ["2026-11-22", "2026-11-23", "2027-01-01", "2027-01-02", "2026-02-30"],
    "not_after": ["2026-11-22", "2026-11-23", "2027-01-01"],
    "outcome": ["failed", "refused", "done"],
    "periods": [
        [],
        ["2026-W01"],
        ["2026-W03", "2026-W04"],
        ["2026-W04", "2026-W03"],
        ["2026-01"] * 2,
    ],
    "cost": [
        {"rho": "0.5", "delta": "0"},
        {"epsilon": "0.25", "delta": "0"},
        {"epsilon": "0.250", "delta": "0"},
        {"epsilon": "0.25"},
    ],
    "total": [{"epsilon": "1", "delta": "1e-6"}, {"rho": "0.625", "delta": "2e-9"}],
    "statistics": [
        [],
        [{"id": "brands", "cost": {"epsilon": "0.25", "delta": "0"}}],
        [{"id": "head", "cost": {"rho": "0.0625", "delta": "0"}, "training": TRAINING}],
        [{"id": "head", "cost": {"rho": "0.0625", "delta": "0"}, "training": {}}],
    ],
    "training": [TRAINING, {**TRAINING, "steps": 9}, {**TRAINING, "noise": "0"}, None],
    "steps": [7, 8, 9, 0],
    "noise": ["8", "7.999", "08"],
    "accounts": [1, 2],
    "run": ["f" * 32, "F" * 32],
    "inputs": ["hmac-sha256:" + "c" * 64, "sha256:" + "c" * 64, None],
    "optouts": ["hmac-sha256:" + "c" * 64, "hmac-sha256:" + "C" * 64, None, 12],
    "seq": [0, 3, -1, 2**53, "4"],
    "class": ["production", "none"],
    "approvals": [[], [{"role": "steward", "key": "ed25519:" + "1" * 64}] * 2],
    "models": [[{"name": "b", "digest": "x"}], []],
    "outputs": [[], [{"name": "notes.txt", "digest": "sha256:" + "a" * 64}]],
}


def agree_on_entries(sealed: Sealed, data: st.DataObject) -> None:
    values: list[dict[str, Any]] = json.loads(json.dumps(sealed.lines))
    runs = sorted({v["run"] for v in values if "run" in v})
    for _ in range(data.draw(st.integers(1, 3))):
        here, there = (data.draw(st.integers(0, len(values) - 1)) for _ in range(2))
        kind = data.draw(
            st.sampled_from(["edit", "edit", "edit", "drop", "repeat", "swap", "join"])
        )
        if kind == "edit":
            value = values[here]
            spends = value["body"].get("statistics", [])
            places = [value, value["body"], *spends, *(s.get("training") or {} for s in spends)]
            part, name = data.draw(
                st.sampled_from([(p, n) for p in places for n in p if n in VALUES])
            )
            part[name] = data.draw(st.sampled_from(VALUES[name]))
        elif kind == "drop" and len(values) > 1:
            del values[here]
        elif kind == "repeat":
            values.insert(here, json.loads(json.dumps(values[there])))
        elif kind == "swap":
            values[here], values[there] = values[there], values[here]
        elif kind == "join" and "run" in values[here]:
            values[here]["run"] = data.draw(st.sampled_from(runs))
    if data.draw(st.booleans()):
        for number, value in enumerate(values):
            value["seq"] = number
    for value in values:
        if value["type"] == "key.rotate" and data.draw(st.integers(0, 9)) == 0:
            public = [f"ed25519:{public_bytes(key).hex()}" for key in sealed.keys]
            value["body"][data.draw(st.sampled_from(["old", "new"]))] = data.draw(
                st.sampled_from(public)
            )
    newest = [sealed.keys[-1]]
    signers = data.draw(st.sampled_from([newest] * 6 + [sealed.keys[:1], sealed.keys[1:]]))
    first, second = sealed.signed_again(
        values,
        data.draw(st.integers(max(0, len(values) - 3), len(values))),
        signers,
        hand_over=data.draw(st.integers(0, 5)) > 0,
    )
    assert first == second


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_both_agree_on_entries_that_a_thief_signed(sealed: Sealed, data: st.DataObject) -> None:
    agree_on_entries(sealed, data)


@pytest.mark.slow
@pytest.mark.timeout(3000)
@settings(max_examples=10_000, deadline=None)
@given(data=st.data())
def test_both_agree_on_ten_thousand_logs_of_a_thief(sealed: Sealed, data: st.DataObject) -> None:
    agree_on_entries(sealed, data)


digits = st.text("0123456789", min_size=0, max_size=12)
spellings = st.builds(
    lambda whole, part, power: (
        whole + (f".{part}" if part else "") + (f"e-{power}" if power else "")
    ),
    st.one_of(st.just("0"), digits),
    st.one_of(digits, st.text("0123456789", max_size=42)),
    st.one_of(st.just(""), st.integers(0, 120).map(str)),
)


@settings(max_examples=500, deadline=None)
@given(text=spellings)
def test_both_know_one_spelling_of_an_amount(sealed: Sealed, text: str) -> None:
    value = json.loads(json.dumps(sealed.lines[1]))
    value["body"]["total"] = {"epsilon": text, "delta": "0"}
    line = canonical(value)
    outcomes = []
    for parse, error in ((parse_line, AuditError), (read, Problem)):
        try:
            parse(line)
            outcomes.append(True)
        except error:
            outcomes.append(False)
    assert outcomes[0] == outcomes[1]


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_the_second_parsers_raise_problems_alone(data: bytes) -> None:
    from audit.fsck.notes import Head, Key
    from audit.fsck.pins import Pins
    from audit.fsck.proofs import check_proof

    folder = Path(tempfile.mkdtemp())
    (folder / "trust.yaml").write_bytes(data)
    for parse in (
        read,
        Head.read,
        lambda d: Key.read(d.decode("latin-1")),
        lambda d: check_proof(d, None),  # type: ignore[arg-type]
        lambda _: Pins.load(folder / "trust.yaml"),
    ):
        try:
            parse(data)
        except Problem as problem:
            assert problem.exit_code in (2, 3)  # noqa: PT017
    shutil.rmtree(folder)


def test_every_line_of_the_sealed_log_is_read_the_same(sealed: Sealed) -> None:
    for value in sealed.lines:
        assert read(canonical(value)) == value
        assert parse_entry(value).line() == canonical(value)
