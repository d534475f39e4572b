"""ONNX nets, run by onnxruntime on one thread: one photo a process beats one on all cores."""

from pathlib import Path
from typing import Any

from redaction.errors import ModelUnusable


def load_net(file: Path, *, keep_memory: bool = False) -> Any:
    """Return an `onnxruntime.InferenceSession`; raises `ModelUnusable`.

    `keep_memory` is for a net whose time goes into getting memory: it keeps what its largest
    input so far needed (a fifth faster for the text detector, two fifths for CenterFace).
    """
    try:
        import onnxruntime  # noqa: PLC0415  heavy

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 4  # it would print shapes, which are the photo's
        # Photos differ in size: an arena would keep the memory of the largest for good.
        options.enable_cpu_mem_arena = keep_memory
        return onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise ModelUnusable("a net does not load", hint="Install Crowdlens again.") from error
