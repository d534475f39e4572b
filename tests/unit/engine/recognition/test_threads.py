"""One photo never takes all cores: numpy's products run on one thread once recognition has begun.

A process of its own, since what is held there holds for good.
"""

import subprocess
import sys

_SHOWN = """
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from engine.recognition import score
from redaction.types.photo import seal

threadpool_limits(limits=2, user_api="blas")
score(seal(np.zeros((64, 64, 3), np.uint8), (), frozenset()), [])
print([pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"])
"""


def test_recognition_holds_numpy_to_one_thread() -> None:
    told = subprocess.run(
        [sys.executable, "-c", _SHOWN], capture_output=True, text=True, check=True
    )
    counts = set(told.stdout.strip().strip("[]").split(", "))
    assert counts <= {"1", ""}
