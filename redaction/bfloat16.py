"""Nets in bfloat16 by OpenVINO: about 0.6 of the time, where a processor multiplies in it.

The extra `fast`. bfloat16 has the range of a float and 8 bits of its 24, so it is for nets alone
whose findings were measured to be as good in it.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
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
    """What a net takes or gives."""

    name: str


class Bfloat16Net:
    """A net on one thread, with those parts of an onnxruntime session that are used here."""

    def __init__(self, given: Path | bytes) -> None:
        """Load an ONNX file, or its bytes; raises whatever OpenVINO raises."""
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16",
            "INFERENCE_NUM_THREADS": 1,
            "NUM_STREAMS": 1,
            "ENABLE_CPU_PINNING": False,  # workers would all be pinned to one core
            "CPU_RUNTIME_CACHE_CAPACITY": _KEPT,
        }
        core = _openvino().Core()
        read = core.read_model(given if isinstance(given, bytes) else str(given))
        net = core.compile_model(read, "CPU", settings)
        self._inputs = [Port(port.get_any_name()) for port in net.inputs]
        self._outputs = [Port(port.get_any_name()) for port in net.outputs]
        self._request = net.create_infer_request()
        self._one = Lock()  # what it computes in is one place for all threads

    def get_inputs(self) -> list[Port]:
        """Return what the net takes."""
        return self._inputs

    def get_outputs(self) -> list[Port]:
        """Return what the net gives."""
        return self._outputs

    def run(
        self, names: Sequence[str] | None, given: dict[str, NDArray[Any]]
    ) -> list[NDArray[np.float32]]:
        """Return what the net gives for its inputs by name: all of it, or what is named."""
        wanted = range(len(self._outputs)) if names is None else map(self._place, names)
        with self._one:
            found = self._request.infer(given, share_inputs=True)
            # Copied: it is the net's own memory, which the next photo overwrites.
            return [np.array(found[place]) for place in wanted]

    def _place(self, name: str) -> int:
        return self._outputs.index(Port(name))


def _openvino() -> Any:
    # It would import what tells its makers how its tools for converting nets are used: that is no
    # part of Crowdlens, and does not come into its process. OpenVINO does without.
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]
    import openvino  # noqa: PLC0415  heavy, and an extra

    return openvino
