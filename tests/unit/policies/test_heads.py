"""A trained head is held against the policy and its catalogue before anything else is done."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from policies.decision import load_rules
from policies.errors import PolicyInvalid, PolicyRefuses
from policies.heads import head_for
from tests.heads import head_record, write_head

Writer = Callable[..., Path]


def heads(*named: tuple[str, str]) -> tuple[str, str]:
    """Return the replacement that writes heads into the policy."""
    lines = "".join(f"    - {{file: {file}, digest: '{digest}'}}\n" for file, digest in named)
    return ("dimensions:\n", f"recognition:\n  heads:\n{lines}dimensions:\n")


def refusal(path: Path) -> PolicyRefuses:
    with pytest.raises(PolicyRefuses) as refused:
        load_rules(path)
    assert refused.value.exit_code == 7
    return refused.value


def test_a_head_that_suits_the_policy_is_taken(write_policy: Writer, tmp_path: Path) -> None:
    digest = write_head(tmp_path / "own.safetensors", head_record())
    (head,) = load_rules(write_policy(heads(("own.safetensors", digest)))).heads
    assert (head.digest, head.record.labels) == (digest, ["Kestrel"])
    assert load_rules(write_policy()).heads == ()


def test_another_file_than_is_named_is_refused_unread(write_policy: Writer, tmp_path: Path) -> None:
    file = tmp_path / "own.safetensors"
    path = write_policy(heads(("own.safetensors", write_head(file, head_record()))))
    for data in (b"nothing of ours", file.read_bytes()[:-1] + b"\1"):
        file.write_bytes(data)
        refused = refusal(path)
        assert refused.rule == "PL-HEAD-001"
        assert "is not the head" in str(refused)
    file.unlink()
    refused = refusal(path)
    assert refused.rule == "PL-HEAD-001"
    assert "missing" in str(refused)


@pytest.mark.parametrize(
    ("record", "weights"),
    [
        (head_record(), np.zeros((3, 128))),
        (head_record(), np.zeros((2, 127))),
        (head_record(numbers=64), np.zeros((2, 128))),
        (head_record(labels=("Nimbus", "Kestrel")), None),
        (head_record(labels=("Kestrel", "Kestrel")), None),
        (head_record(schema="crowdlens-head/v2"), None),
        (head_record(more=1), None),
    ],
)
def test_a_head_of_another_shape_or_form_is_refused(
    write_policy: Writer, tmp_path: Path, record: Any, weights: Any
) -> None:
    digest = write_head(tmp_path / "own.safetensors", record, weights)
    assert refusal(write_policy(heads(("own.safetensors", digest)))).rule == "PL-HEAD-002"


def test_more_than_its_one_table_is_refused(write_policy: Writer, tmp_path: Path) -> None:
    file = tmp_path / "own.safetensors"
    digest = write_head(file, head_record(), more=np.zeros(3, np.float32))
    assert refusal(write_policy(heads(("own.safetensors", digest)))).rule == "PL-HEAD-002"


@pytest.mark.parametrize(
    "record", [head_record(labels=("Nimbus",)), head_record("scene", ("beach",))]
)
def test_a_head_tells_labels_of_the_policy_alone(
    write_policy: Writer, tmp_path: Path, record: Any
) -> None:
    digest = write_head(tmp_path / "own.safetensors", record)
    assert refusal(write_policy(heads(("own.safetensors", digest)))).rule == "PL-HEAD-003"
    with pytest.raises(PolicyRefuses, match="PL-HEAD-003"):
        head_for(tmp_path / "own.safetensors", {"brand": ("Kestrel",)})


def test_two_heads_tell_different_labels(write_policy: Writer, tmp_path: Path) -> None:
    one = write_head(tmp_path / "one.safetensors", head_record())
    two = write_head(tmp_path / "two.safetensors", head_record(labels=("Brightwater", "Kestrel")))
    path = write_policy(heads(("one.safetensors", one), ("two.safetensors", two)))
    assert refusal(path).rule == "PL-HEAD-004"


@pytest.mark.parametrize("file", ["../own.safetensors", ".own", "a/b", ""])
def test_a_head_lies_beside_the_policy(write_policy: Writer, file: str) -> None:
    with pytest.raises(PolicyInvalid):
        load_rules(write_policy(heads((f"'{file}'", "sha256:" + "0" * 64))))


def test_two_heads_have_names_that_the_log_can_tell_apart(write_policy: Writer) -> None:
    named = [("a.b", "sha256:" + "0" * 64), ("A-B", "sha256:" + "1" * 64)]
    with pytest.raises(PolicyInvalid, match="PL-HEAD-005"):
        load_rules(write_policy(heads(*named)))
