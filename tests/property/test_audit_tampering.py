"""Whatever byte of a sealed log is changed, wherever it is cut: it does not verify."""

import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit import AuditError, LogTampered, NoteInvalid, verify
from audit.checkpoint import SignedCheckpoint
from audit.history import parse_line
from audit.merkle import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_hash,
    verify_consistency,
    verify_inclusion,
)
from audit.note import SignedNote, VerifierKey
from audit.proof import TlogProof

_HELPER = Path(__file__).resolve().parents[1] / "unit" / "audit" / "conftest.py"


@pytest.fixture(scope="module")
def sealed() -> Iterator[Any]:
    """A study with one release and a new key, in a folder that these tests change and put right."""
    spec = importlib.util.spec_from_file_location("audit_study_property", _HELPER)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit_study_property"] = module
    spec.loader.exec_module(module)
    folder = Path(tempfile.mkdtemp())
    study = module.Study.create(folder / "study")
    study.open().rotate_key()
    study.release(folder / "study" / "out")
    yield study
    shutil.rmtree(folder)


def code_with(study: Any, name: str, data: bytes) -> int:
    path = study.log_dir / name
    good = path.read_bytes()
    path.write_bytes(data)
    try:
        return int(verify(study.log_dir, study.trust).exit_code)
    finally:
        path.write_bytes(good)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_an_entry_is_tampering(sealed: Any, data: st.DataObject) -> None:
    good = sealed.entries.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda b: b != good[at]))
    assert code_with(sealed, "entries.jsonl", good[:at] + bytes([new]) + good[at + 1 :]) == 3


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_the_checkpoint_does_not_verify(
    sealed: Any, data: st.DataObject
) -> None:
    good = sealed.checkpoint.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda b: b != good[at]))
    code = code_with(sealed, "checkpoint", good[:at] + bytes([new]) + good[at + 1 :])
    assert code in (3, 4, 5, 6)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_any_changed_byte_of_a_witnesss_memory_does_not_verify(
    sealed: Any, data: st.DataObject
) -> None:
    path = sealed.witness_dir / "checkpoint"
    good = path.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    new = data.draw(st.integers(0, 255).filter(lambda b: b != good[at]))
    path.write_bytes(good[:at] + bytes([new]) + good[at + 1 :])
    try:
        assert sealed.verify().exit_code == 5
    finally:
        path.write_bytes(good)


@settings(max_examples=100, deadline=None)
@given(entries=st.binary(max_size=300), checkpoint=st.binary(max_size=300))
def test_whatever_the_files_hold_verification_answers(
    sealed: Any, entries: bytes, checkpoint: bytes
) -> None:
    good = sealed.entries.read_bytes()
    sealed.entries.write_bytes(entries)
    try:
        assert code_with(sealed, "checkpoint", checkpoint) in (3, 4)
    finally:
        sealed.entries.write_bytes(good)


def test_every_newline_of_the_entries_matters(sealed: Any) -> None:
    good = sealed.entries.read_bytes()
    for at in (i for i, byte in enumerate(good) if byte == 10):
        for new in (b" ", b"\r", b"}", b"\0", b"\xff", b""):
            code = code_with(sealed, "entries.jsonl", good[:at] + new + good[at + 1 :])
            # To leave out the last newline is to cut the log by one byte.
            assert code == (4 if at == len(good) - 1 and not new else 3)


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_any_cut_is_a_cut(sealed: Any, data: st.DataObject) -> None:
    good = sealed.entries.read_bytes()
    keep = data.draw(st.integers(0, len(good) - 1))
    assert code_with(sealed, "entries.jsonl", good[:keep]) == 4


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_any_byte_put_in_or_taken_out_does_not_verify(sealed: Any, data: st.DataObject) -> None:
    good = sealed.entries.read_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    new = bytes([data.draw(st.integers(0, 255))])
    assert code_with(sealed, "entries.jsonl", good[:at] + new + good[at:]) == 3
    if at < len(good) - 1:
        assert code_with(sealed, "entries.jsonl", good[:at] + good[at + 1 :]) == 3


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=400))
def test_parsers_of_hostile_bytes_raise_their_own_errors_only(data: bytes) -> None:
    for parse in (
        SignedNote.parse,
        SignedCheckpoint.parse,
        TlogProof.parse,
        parse_line,
        lambda d: VerifierKey.parse(d.decode("latin-1")),
    ):
        try:
            parse(data)
        except AuditError as error:
            assert isinstance(error, (NoteInvalid, LogTampered))  # noqa: PT017 every other error escapes


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.binary(max_size=8), min_size=1, max_size=40),
    st.data(),
)
def test_proofs_of_any_tree_verify(contents: list[bytes], data: st.DataObject) -> None:
    leaves = [leaf_hash(c) for c in contents]
    root = root_hash(leaves)
    index = data.draw(st.integers(0, len(leaves) - 1))
    verify_inclusion(leaves[index], index, len(leaves), inclusion_proof(leaves, index), root)
    old = data.draw(st.integers(1, len(leaves)))
    proof = consistency_proof(leaves, old)
    verify_consistency(old, len(leaves), root_hash(leaves[:old]), root, proof)
