"""Which files of weights run here: nets in eight bits on a processor, in floats on a GPU.

A processor does a net in eight bits in less than half the time. A GPU gains nothing from it: it
would turn the numbers back into floats before every layer. The eight-bit files are made from the
others by `weights/build_int8.py`.
"""

from functools import cache
from pathlib import Path

from redaction import weights
from redaction.nets import providers


@cache
def centerface() -> Path:
    """Return the file of CenterFace that runs here."""
    return weights.CENTERFACE if _on_gpu() else weights.CENTERFACE_INT8


@cache
def person() -> Path:
    """Return the file of the person detector that runs here."""
    return weights.PERSON if _on_gpu() else weights.PERSON_INT8


def _on_gpu() -> bool:
    return providers()[0] != "CPUExecutionProvider"
