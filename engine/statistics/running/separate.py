"""Noise on each period's number alone; the running total adds the noisy numbers up.

Its error grows with the square root of the time, but it does not ask for more noise than the
participations themselves: where one person counts in many periods, nothing is better.
"""

import numpy as np

from engine.statistics.running.strategy import Strategy, require_horizon


def separate(horizon: int) -> Strategy:
    """Return the strategy in which each period is a row of its own."""
    require_horizon(horizon)
    return Strategy(
        name="separate",
        encoder=np.eye(horizon, dtype=np.int64),
        complete=tuple(range(1, horizon + 1)),
        decoder=np.tril(np.ones((horizon, horizon))),
    )
