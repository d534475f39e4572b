"""Which file of weights runs here: the person detector in eight bits on a processor.

A processor does it so in less than half the time. A GPU gains nothing from it: it would turn the
numbers back into floats before every layer. The eight-bit file is made from the other by
`weights/build_int8.py`. The nets for faces stay in floats, where they find a little more.
"""

from functools import cache
from pathlib import Path

from redaction import weights
from redaction.nets import providers


@cache
def person() -> Path:
    """Return the file of the person detector that runs here."""
    on_gpu = providers()[0] != "CPUExecutionProvider"
    return weights.PERSON if on_gpu else weights.PERSON_INT8
