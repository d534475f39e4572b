"""The built file is held against the policy, the catalogue and the pictures before a run."""

import hashlib
import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest

from policies.built import (
    SCHEMA,
    BuiltUnreadable,
    built_path,
    digests_of,
    read_record,
    require_built,
)
from policies.catalogue import load_catalogue
from policies.decision import load_rules
from policies.errors import PolicyRefuses
from policies.safetensors_header import KEY

CATALOGUE = "- {name: Brightwater, marks: [m/a.png, b.svg]}\n- name: Kestrel\n"


def sha(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def built_bytes(record: object) -> bytes:
    header = json.dumps({"__metadata__": {KEY: json.dumps(record)}}).encode()
    return len(header).to_bytes(8, "little") + header


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Give a catalogue with two pictures and what was built from them."""
    file = tmp_path / "catalogue.yaml"
    file.write_text(CATALOGUE, encoding="utf-8")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "a.png").write_bytes(b"one")
    (tmp_path / "b.svg").write_bytes(b"two")
    record = {
        "schema": SCHEMA,
        "catalogue": load_catalogue(file).digest,
        "files": {"b.svg": sha(b"two"), "m/a.png": sha(b"one")},
        "brands": ["Brightwater"],
        "scenes": [],
        "models": {"net.onnx": sha(b"net")},
    }
    built_path(file).write_bytes(built_bytes(record))
    return file


def named(file: Path) -> str:
    return sha(built_path(file).read_bytes())


def refusal(file: Path, digest: str | None) -> PolicyRefuses:
    with pytest.raises(PolicyRefuses) as caught:
        require_built(load_catalogue(file), file, digest)
    assert caught.value.exit_code == 7
    assert "catalogue build" in caught.value.hint or "built: sha256:" in caught.value.hint
    return caught.value


def test_what_the_policy_names_is_accepted(file: Path) -> None:
    found = require_built(load_catalogue(file), file, named(file))
    assert found is not None
    assert found.path.name == "catalogue.built.safetensors"
    assert found.digest == named(file)


def test_names_alone_need_no_built_file(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.yaml"
    file.write_text("- name: Kestrel\n", encoding="utf-8")
    assert require_built(load_catalogue(file), file, None) is None


def test_pictures_need_one_that_the_policy_names(file: Path) -> None:
    assert refusal(file, None).rule == "PL-CAT-005"


def test_one_that_is_missing_is_refused(file: Path) -> None:
    digest = named(file)
    built_path(file).unlink()
    assert refusal(file, digest).rule == "PL-CAT-006"


def test_another_is_refused_with_its_digest(file: Path) -> None:
    refused = refusal(file, sha(b"another"))
    assert refused.rule == "PL-CAT-006"
    assert named(file) in refused.hint


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 8,
        b"\xff" * 100,
        (5).to_bytes(8, "little") + b"[1,2]",
        (9).to_bytes(8, "little") + b"[" * 9,
        built_bytes(None),
        built_bytes([1]),
        built_bytes({"schema": "crowdlens-built/v9"}),
    ],
)
def test_one_that_is_damaged_is_refused_even_under_its_digest(file: Path, data: bytes) -> None:
    built_path(file).write_bytes(data)
    with pytest.raises(BuiltUnreadable):
        read_record(BytesIO(data))
    assert refusal(file, sha(data)).rule == "PL-CAT-007"


def test_another_catalogue_is_refused(file: Path) -> None:
    digest = named(file)
    file.write_text(CATALOGUE.replace("Kestrel", "Kite"), encoding="utf-8")
    assert refusal(file, digest).rule == "PL-CAT-007"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda f: f.write_bytes(b"other"), "another picture"),
        (lambda f: f.unlink(), "missing"),
        (lambda f: (f.unlink(), f.mkdir()), "missing"),
    ],
)
def test_a_picture_that_changed_is_named_with_its_entry(
    file: Path, change: Callable[[Path], object], said: str
) -> None:
    change(file.parent / "m" / "a.png")
    refused = refusal(file, named(file))
    assert refused.rule == "PL-CAT-007"
    assert "m/a.png of 'Brightwater'" in str(refused)
    assert said in str(refused)


def test_a_link_out_of_the_folder_is_not_read(file: Path, tmp_path_factory) -> None:
    secret = tmp_path_factory.mktemp("other") / "a.png"
    secret.write_bytes(b"one")
    (file.parent / "m" / "a.png").unlink()
    (file.parent / "m" / "a.png").symlink_to(secret)
    assert digests_of(load_catalogue(file), file.parent)["m/a.png"] is None
    assert refusal(file, named(file)).rule == "PL-CAT-007"


def test_a_policy_that_names_it_brings_it_along(write_policy, tmp_path: Path, file: Path) -> None:
    catalogue, digest = load_catalogue(file).digest, named(file)
    path = write_policy()
    file.write_text(CATALOGUE, encoding="utf-8")
    text = path.read_text()
    start = text.index("digest: sha256:")
    text = text[:start] + f"digest: {catalogue}, built: {digest}" + text[start + 79 :]
    path.write_text(text, encoding="utf-8")
    rules = load_rules(path)
    assert rules.built is not None
    assert rules.built.digest == digest
