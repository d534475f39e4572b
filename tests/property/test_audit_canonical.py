"""One pass over a line says yes exactly where every question, asked on its own, says yes."""

import gc
import json
from contextlib import suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit import LogTampered, Trust, verify
from audit.bodies import (
    Approval,
    Body,
    BudgetReserve,
    Code,
    DatasetDeclare,
    KeyRotate,
    LogOpen,
    Named,
    PolicyAdopt,
    PolicyRevoke,
    Release,
    RunEnd,
    RunInputs,
    RunStart,
    amounts_of,
    outputs_of,
    spend_of,
)
from audit.entries import MAX_LINE_BYTES, make_entry, parse_canonical
from audit.fsck import fsck
from audit.history import parse_line
from audit.note import VerifierKey
from policies.amounts import Delta, Epsilon, Loss, Rho

DIGEST, KEY, RUN = "sha256:" + "a" * 64, "ed25519:" + "b" * 64, "c" * 32
PURE = Loss(Epsilon.parse("0.25"), Delta.parse("1e-9"))
CONCENTRATED = Loss(None, Delta.parse("0"), Rho.parse("0.5"))
APPROVED = (Approval(role="reviewer", key=KEY), Approval(role="steward", key=KEY))


def adopt(**more: Any) -> PolicyAdopt:
    value = {"policy": DIGEST, "id": "p", "version": 2, "class": "test", "catalogue": DIGEST}
    return PolicyAdopt.model_validate(
        value | {"not_after": "2027-01-01", "approvals": APPROVED} | more
    )


def reserve(loss: Loss, *periods: str) -> BudgetReserve:
    spent = (spend_of("brands", loss),)
    return BudgetReserve(
        dataset="d", policy=DIGEST, statistics=spent, cost=amounts_of(loss), periods=periods
    )


BODIES: list[tuple[Body, str | None]] = [
    (LogOpen(origin="crowdlens/" + "d" * 32), None),
    (adopt(), None),
    (adopt(supersedes=DIGEST), None),
    (PolicyRevoke(policy=DIGEST, role="steward", key=KEY, signature="e" * 128), None),
    (KeyRotate(old=KEY, new=KEY, by_old="e" * 128, by_new="f" * 128), None),
    (DatasetDeclare(dataset="d", total=amounts_of(PURE)), None),
    (DatasetDeclare(dataset="d", total=amounts_of(CONCENTRATED)), None),
    (
        RunStart(
            policy=DIGEST,
            dataset="d",
            code=Code(version="0.1.0", source=DIGEST),
            models=(Named(name="a", digest=DIGEST), Named(name="b", digest=DIGEST)),
        ),
        RUN,
    ),
    (RunInputs(inputs="hmac-" + DIGEST, optouts=None), RUN),
    (reserve(PURE), RUN),
    (reserve(CONCENTRATED, "2026-W01", "2026-W02"), RUN),
    (Release(dataset="d", policy=DIGEST, outputs=outputs_of({"release.csv": DIGEST})), RUN),
    (RunEnd(outcome="failed"), RUN),
]
ENTRIES = [
    make_entry(b, seq=n, at=date(2026, 11, 27), run=run) for n, (b, run) in enumerate(BODIES)
]
LINES = [entry.line() for entry in ENTRIES]
_TEXTS = r"""
 |\u0061|"|1.0|1e0|-0|NaN|null|true|{}|[]|,|:|"v":1,|"x":1,|"periods":[],|}|é
"""
PIECES = st.sampled_from([*(text.encode() for text in _TEXTS.split("|")), b"\xff", b"\x00"])


def agree(line: bytes) -> bool:
    """Say whether a line is an entry, having asked both ways."""
    asked = None
    with suppress(LogTampered):
        asked = parse_line(line)
    assert parse_canonical(line) == asked
    return asked is not None


def test_every_kind_of_entry_is_written_as_rfc_8785_asks() -> None:
    assert {type(body) for body, _ in BODIES} == set(Body.__args__)
    for entry, line in zip(ENTRIES, LINES, strict=True):
        assert rfc8785.dumps(json.loads(line)) == line
        assert agree(line)
        assert parse_canonical(line) == entry


@given(st.sampled_from(LINES), st.data())
def test_damaged_lines(line: bytes, data: st.DataObject) -> None:
    raw = bytearray(line)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(raw)))
        gone = data.draw(st.integers(0, 3))
        raw[at : at + gone] = data.draw(PIECES | st.binary(max_size=2))
    agree(bytes(raw))


@given(st.sampled_from(LINES), st.data())
def test_values_of_another_kind(line: bytes, data: st.DataObject) -> None:
    value = json.loads(line)
    inside = data.draw(st.sampled_from([value, value["body"]]))
    name = data.draw(st.sampled_from(sorted(inside)))
    other: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.floats()
    other |= st.text(max_size=3) | st.just([]) | st.just({}) | st.just([inside[name]])
    change = data.draw(st.sampled_from(["other", "gone", "more", "reordered", "escaped"]))
    if change == "other":
        inside[name] = data.draw(other)
    elif change == "gone":
        del inside[name]
    elif change == "more":
        inside[data.draw(st.text(max_size=3))] = data.draw(other)
    text = json.dumps(value, sort_keys=change != "reordered", separators=(",", ":"))
    if change == "escaped":
        text = text.replace("a", "\\u0061", 1)
        assert not agree(text.encode())
    agree(text.encode())


def test_lines_that_are_no_json_at_all() -> None:
    deep = b"[" * 5_000
    long = LINES[0].replace(b'"v":1', b'"v":1' + b" " * MAX_LINE_BYTES)
    twice = LINES[0].replace(b'"v":1', b'"v":1,"v":1')
    for line in (b"", b"{", deep, long, twice, b"\xff", b"null", b"NaN"):
        assert not agree(line)


@pytest.mark.parametrize("enabled", [True, False])
def test_a_process_collects_garbage_as_before(tmp_path: Path, enabled: bool) -> None:
    was = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        key = VerifierKey("crowdlens/" + "d" * 32, 1, bytes(32))
        assert verify(tmp_path / "none", Trust(key)).exit_code == 4
        assert fsck(tmp_path / "none", tmp_path / "none").exit_code
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was else gc.disable)()
