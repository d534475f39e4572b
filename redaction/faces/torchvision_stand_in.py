"""The two functions of torchvision that facenet-pytorch's MTCNN needs, where torchvision fails.

torchvision from the package index does not import beside a CPU-only torch (`operator
torchvision::nms does not exist`). facenet-pytorch imports `transforms.functional` and
`ops.boxes.batched_nms` from it; only the second is called when faces are detected. A torchvision
that works is left alone.
"""

import sys
from types import ModuleType

import torch


def install_where_needed() -> bool:
    """Put stand-in modules where torchvision does not import; say whether that was so."""
    try:
        import torchvision  # noqa: F401, PLC0415
    except (ImportError, RuntimeError, OSError):
        pass
    else:
        return False
    for name in [n for n in sys.modules if n == "torchvision" or n.startswith("torchvision.")]:
        del sys.modules[name]  # what a failed import left behind
    names = ("", ".ops", ".ops.boxes", ".transforms", ".transforms.functional")
    made = {name: ModuleType("torchvision" + name) for name in names}
    for name, module in made.items():
        module.__path__ = []
        sys.modules[module.__name__] = module
        parent, _, leaf = name.rpartition(".")
        if leaf:
            setattr(made[parent], leaf, module)
    vars(made[".ops.boxes"])["batched_nms"] = batched_nms
    return True


def batched_nms(
    boxes: torch.Tensor, scores: torch.Tensor, groups: torch.Tensor, threshold: float
) -> torch.Tensor:
    """Return the indices of boxes that survive non-maximum suppression within their group.

    `boxes` is (n, 4) float as x0, y0, x1, y1; `scores` and `groups` are (n,). A box goes when
    it overlaps a better one of its group by more than `threshold` (intersection over union).
    Indices come best score first, ties in the order given, like torchvision's.
    """
    order = torch.argsort(scores, descending=True, stable=True)
    ranked, kin = boxes[order], groups[order]
    area = (ranked[:, 2] - ranked[:, 0]) * (ranked[:, 3] - ranked[:, 1])
    alive = torch.ones(len(order), dtype=torch.bool, device=boxes.device)
    kept: list[int] = []
    for i in range(len(order)):
        if not alive[i]:
            continue
        kept.append(i)
        corner = torch.maximum(ranked[i, :2], ranked[i + 1 :, :2])
        opposite = torch.minimum(ranked[i, 2:], ranked[i + 1 :, 2:])
        inner = (opposite - corner).clamp(min=0).prod(dim=1)
        overlap = inner / (area[i] + area[i + 1 :] - inner)
        alive[i + 1 :] &= ~((overlap > threshold) & (kin[i + 1 :] == kin[i]))
    return order[torch.tensor(kept, dtype=torch.int64, device=boxes.device)]
