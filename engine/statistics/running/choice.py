"""Which strategy errs least. Everything here follows from public numbers alone."""

from math import sqrt

from engine.statistics.errors import StudyInvalid
from engine.statistics.running.separate import separate
from engine.statistics.running.strategy import Strategy
from engine.statistics.running.toeplitz import toeplitz
from engine.statistics.running.tree import tree

STRATEGIES = {"separate": separate, "toeplitz": toeplitz, "tree": tree}
"""How each is made, by name."""


def strategy_named(name: str, horizon: int) -> Strategy:
    """Return the strategy of that name; raises `StudyInvalid` for another name or horizon."""
    if name not in STRATEGIES:
        raise StudyInvalid(f"a running total is counted by one of {', '.join(STRATEGIES)}")
    return STRATEGIES[name](horizon)


def error(strategy: Strategy, participations: int = 1) -> float:
    """Return the largest standard deviation of a total, for the same guarantee in every strategy.

    It is that under Gaussian noise of a standard deviation equal to the sensitivity (in L2, of one
    series), which is a rho of 1/2.
    """
    squares = strategy.sensitivity(participations).l2_squared
    return sqrt(squares) * max(strategy.std)


def best(horizon: int, participations: int = 1) -> Strategy:
    """Return the strategy with the least `error`; the simpler one where two are equal."""
    made = [separate(horizon), toeplitz(horizon), tree(horizon)]
    return min(made, key=lambda strategy: error(strategy, participations))
