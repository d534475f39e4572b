"""One thread a process: photos are seen side by side, by processes, and not each by all cores.

OpenBLAS would else start a thread for each core, whose waiting for one another costs a busy machine
more than the products that they share.
"""

from functools import cache

from threadpoolctl import threadpool_limits


@cache
def one_thread() -> None:
    """Let numpy's matrix products run on one thread from here on, in this process."""
    threadpool_limits(limits=1, user_api="blas")
