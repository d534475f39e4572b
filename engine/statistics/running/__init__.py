"""Running totals: how many contributors up to each period, by sums of periods that get noise.

`best` and `strategy_named` give a strategy, whose `sensitivity` says what noise it needs;
`running_totals` counts all periods at once.
"""

from engine.statistics.running.choice import best, error, strategy_named
from engine.statistics.running.strategy import Strategy
from engine.statistics.running.totals import RunningTotals, running_totals

__all__ = ["RunningTotals", "Strategy", "best", "error", "running_totals", "strategy_named"]
