"""The file of what was learned: exact bytes, and nothing read of a file that was not named."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save

from engine.catalogue.built import built_bytes, load_built, shipped_models, write_built
from engine.catalogue.errors import BuiltUnusable
from policies.built import BuiltRecord
from policies.canonical import digest_of_bytes
from policies.safetensors_header import KEY

RECORD = BuiltRecord.model_validate(
    {
        "schema": "crowdlens-built/v1",
        "catalogue": "sha256:" + "a" * 64,
        "files": {"b.svg": "sha256:" + "b" * 64, "a.png": "sha256:" + "c" * 64},
        "brands": ["Nike"],
        "scenes": [],
        "models": shipped_models(),
    }
)
PARTS = {
    "regions": {"prototypes": np.arange(6, dtype=np.float32).reshape(2, 3)},
    "keypoints": {"words": np.array([1, 2], np.int32), "none": np.zeros((0, 4), np.float32)},
}


def refused(path: Path, digest: str) -> str:
    with pytest.raises(BuiltUnusable) as caught:
        load_built(path, digest)
    assert caught.value.exit_code == 9
    assert "catalogue build" in caught.value.hint
    return str(caught.value)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "c.built.safetensors"
    digest = write_built(path, RECORD, PARTS)
    built = load_built(path, digest)
    assert built.record == RECORD
    assert built.digest == digest == digest_of_bytes(path.read_bytes())
    assert built.scenes == {}
    assert set(built.keypoints) == {"words", "none"}
    assert np.array_equal(built.regions["prototypes"], PARTS["regions"]["prototypes"])
    assert built.keypoints["none"].shape == (0, 4)


def test_the_bytes_depend_on_what_is_in_them_alone() -> None:
    again = {part: dict(reversed(PARTS[part].items())) for part in reversed(PARTS)}
    turned = {"regions": {"prototypes": np.asfortranarray(PARTS["regions"]["prototypes"])}}
    assert built_bytes(RECORD, PARTS) == built_bytes(RECORD, again)
    assert built_bytes(RECORD, turned) == built_bytes(RECORD, {"regions": PARTS["regions"]})
    assert built_bytes(RECORD, turned) != built_bytes(RECORD, {})


def test_another_file_than_was_named_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.built.safetensors"
    digest = write_built(path, RECORD, PARTS)
    path.write_bytes(path.read_bytes()[:-1])
    assert "damaged, or another" in refused(path, digest)
    path.unlink()
    assert "missing" in refused(path, digest)
    path.mkdir()
    assert "can't be read" in refused(path, digest)


def test_what_other_models_made_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "c.built.safetensors"
    record = RECORD.model_copy(update={"models": {"lite0.onnx": "sha256:" + "d" * 64}})
    assert "other models" in refused(path, write_built(path, record, PARTS))


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x80\x04N.",
        b"\xff" * 64,
        save({"a": np.zeros(3)}),
        save({"a": np.zeros(3)}, {KEY: json.dumps({"schema": "x"})}),
        built_bytes(RECORD, PARTS)[:-4],
        built_bytes(RECORD, PARTS) + b"more",
    ],
)
def test_a_damaged_file_is_refused_even_under_its_digest(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "c.built.safetensors"
    path.write_bytes(raw)
    assert "can't be used" in refused(path, digest_of_bytes(raw))


@given(st.data())
def test_no_change_of_a_byte_is_more_than_refused(tmp_path_factory, data: st.DataObject) -> None:
    raw = bytearray(built_bytes(RECORD, PARTS))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    path = tmp_path_factory.mktemp("built") / "c.built.safetensors"
    path.write_bytes(raw)
    try:
        load_built(path, digest_of_bytes(bytes(raw)))
    except BuiltUnusable:
        return
