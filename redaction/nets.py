"""ONNX nets, run by onnxruntime on one thread: one photo a process beats one on all cores."""

from pathlib import Path
from typing import Any, Final

from redaction import bfloat16
from redaction.errors import ModelUnusable

PREFERRED: Final = ("CUDAExecutionProvider", "CPUExecutionProvider")
"""What nets run on, the first that this machine's onnxruntime has. Where a CUDA device can't be
started, onnxruntime goes on with the processor."""


def providers() -> list[str]:
    """Return what nets run on here: a GPU needs the package `onnxruntime-gpu`, and none is needed.

    Another device rounds otherwise in the last bits, so that a score at a threshold may fall on its
    other side: within one run every worker uses the same.
    """
    import onnxruntime  # noqa: PLC0415  heavy

    there = onnxruntime.get_available_providers()
    return [name for name in PREFERRED if name in there]


def has_short_numbers() -> bool:
    """Say whether nets that may run in bfloat16 do so here."""
    return providers() == ["CPUExecutionProvider"] and bfloat16.at_hand()


def load_net(file: Path, *, keep_memory: bool = False, short: bool = False) -> Any:
    """Return an `onnxruntime.InferenceSession`, or what runs like one; raises `ModelUnusable`.

    `keep_memory` is for a net whose time goes into getting memory: it keeps what its largest
    input so far needed (a fifth faster for the text detector, two fifths for CenterFace). `short`
    is for a net that may run in short numbers where there are any: see `redaction.bfloat16`.
    """
    try:
        if short and has_short_numbers():
            return bfloat16.Bfloat16Net(file)
        import onnxruntime  # noqa: PLC0415  heavy

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # it would print shapes, which are the photo's
        # Photos differ in size: an arena would keep the memory of the largest for good.
        options.enable_cpu_mem_arena = keep_memory
        return onnxruntime.InferenceSession(str(file), options, providers=providers())
    except Exception as error:
        raise ModelUnusable("a net does not load", hint="Install Crowdlens again.") from error
