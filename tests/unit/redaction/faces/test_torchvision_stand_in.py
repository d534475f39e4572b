import subprocess
import sys

import numpy as np
import pytest
import torch

from redaction.faces.torchvision_stand_in import batched_nms


def brute_force(boxes, scores, groups, threshold) -> list[int]:
    """Non-maximum suppression as its definition has it, one pair at a time."""
    left = sorted(range(len(boxes)), key=lambda i: -scores[i])
    kept: list[int] = []
    for i in left:
        for j in kept:
            if groups[i] != groups[j]:
                continue
            w = min(boxes[i][2], boxes[j][2]) - max(boxes[i][0], boxes[j][0])
            h = min(boxes[i][3], boxes[j][3]) - max(boxes[i][1], boxes[j][1])
            inner = max(w, 0) * max(h, 0)
            areas = [(b[2] - b[0]) * (b[3] - b[1]) for b in (boxes[i], boxes[j])]
            if inner / (sum(areas) - inner) > threshold:
                break
        else:
            kept.append(i)
    return kept


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_it_agrees_with_brute_force(seed: int, threshold: float) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(0, 60))
    corner = rng.uniform(0, 60, (count, 2)).astype(np.float32)
    boxes = np.hstack([corner, corner + rng.uniform(5, 40, (count, 2)).astype(np.float32)])
    scores = rng.permutation(count).astype(np.float32)
    groups = rng.integers(0, 3, count)
    got = batched_nms(
        torch.tensor(boxes).reshape(-1, 4), torch.tensor(scores), torch.tensor(groups), threshold
    )
    assert got.tolist() == brute_force(boxes.tolist(), scores.tolist(), groups, threshold)


def run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_a_working_torchvision_is_left_alone(tmp_path) -> None:
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text("MARK = 'the real one'\n")
    assert (
        run(
            f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
            "from redaction.faces.torchvision_stand_in import install_where_needed\n"
            "print(install_where_needed()); import torchvision; print(torchvision.MARK)"
        )
        == "False\nthe real one"
    )


def test_a_broken_torchvision_is_stood_in_for(tmp_path) -> None:
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "extension.py").write_text("")
    (package / "__init__.py").write_text(
        "from torchvision import extension\n"
        "raise RuntimeError('operator torchvision::nms does not exist')\n"
    )
    assert (
        run(
            f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
            "from redaction.faces.torchvision_stand_in import batched_nms, install_where_needed\n"
            "print(install_where_needed())\n"
            "from torchvision.ops.boxes import batched_nms as used\n"
            "from torchvision.transforms import functional\n"
            "print(used is batched_nms)"
        )
        == "True\nTrue"
    )
