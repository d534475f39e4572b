"""Which sums of periods of a running total get noise: the ones that err least for their price."""

from functools import cache

from engine.statistics.running.choice import STRATEGIES, best, strategy_named
from engine.statistics.running.strategy import Strategy


@cache
def strategy_for(name: str | None, horizon: int, participations: int, pure: bool) -> Strategy:
    """Return the strategy of that name, or the best one for the currency of the price.

    Noise is made for the L1 sensitivity where the price is in epsilon (`pure`), and for the L2
    sensitivity where it is in rho; another strategy may be best for either. Everything here
    follows from public numbers. Raises `StudyInvalid` for a horizon that none is made for.
    """
    if name is not None:
        return strategy_named(name, horizon)
    if not pure:
        return best(horizon, participations)
    made = [strategy_named(name, horizon) for name in sorted(STRATEGIES)]
    return min(made, key=lambda s: s.sensitivity(participations).l1 * max(s.std))
