"""Running totals: how many contributors up to each period, by sums of periods that get noise.

`best` and `strategy_named` give a strategy, whose `sensitivity` says what noise it needs;
`running_totals` counts all periods at once. Where periods come one by one, a `TrendState` goes on
from run to run, and lies in an encrypted file in between.
"""

from engine.statistics.running.choice import best, error, strategy_named
from engine.statistics.running.errors import TrendStateUnusable, TrendStateUnwritable
from engine.statistics.running.memory import ROW_SCHEMA
from engine.statistics.running.state import TrendState
from engine.statistics.running.store import held, load_state, save_state
from engine.statistics.running.strategy import Strategy
from engine.statistics.running.totals import RunningTotals, running_totals
from engine.statistics.running.trend import Trend

__all__ = [
    "ROW_SCHEMA",
    "RunningTotals",
    "Strategy",
    "Trend",
    "TrendState",
    "TrendStateUnusable",
    "TrendStateUnwritable",
    "best",
    "error",
    "held",
    "load_state",
    "running_totals",
    "save_state",
    "strategy_named",
]
