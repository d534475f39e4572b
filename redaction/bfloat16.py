"""Nets in bfloat16 by OpenVINO: about 0.6 of the time, where a processor multiplies in it.

The extra `fast`. bfloat16 has the range of a float and 8 bits of its 24, so it is for nets alone
whose findings were measured to be as good in it.
"""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_KEPT: Final = 1000
"""Layers that are kept prepared for sizes of photos that were met. A new size costs 20 ms more;
without a bound a process that meets every size grows by 3 MB for each."""


@cache
def at_hand() -> bool:
    """Say whether OpenVINO is installed, and the processor multiplies in bfloat16."""
    try:
        core = _openvino().Core()
    except ImportError:
        return False
    return "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@dataclass(frozen=True)
class Port:
    """What a net takes."""

    name: str


class Bfloat16Net:
    """A net on one thread, with those parts of an onnxruntime session that redaction uses."""

    def __init__(self, file: Path) -> None:
        """Load an ONNX file; raises whatever OpenVINO raises."""
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # workers would all be pinned to one core
            "CPU_RUNTIME_CACHE_CAPACITY": _KEPT,
        }
        core = _openvino().Core()
        net = core.compile_model(core.read_model(str(file)), "CPU", settings)
        self._inputs = [Port(port.get_any_name()) for port in net.inputs]
        self._request = net.create_infer_request()

    def get_inputs(self) -> list[Port]:
        """Return what the net takes."""
        return self._inputs

    def run(self, _: None, given: dict[str, NDArray[np.float32]]) -> list[NDArray[np.float32]]:
        """Return all that the net gives for its inputs by name."""
        found = self._request.infer(given, share_inputs=True)
        # Copied: it is the net's own memory, which the next photo overwrites.
        return [np.array(values) for values in found.values()]


def _openvino() -> Any:
    # It would import what tells its makers how its tools for converting nets are used: that is no
    # part of Crowdlens, and does not come into its process. OpenVINO does without.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino  # noqa: PLC0415  heavy, and an extra

    return openvino
