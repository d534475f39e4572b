"""What can go wrong with running totals.

    StatisticsError
    ├── TrendStateUnusable      what is kept between runs is missing, in use, or not this trend's
    └── TrendStateUnwritable    the disk or its permissions refuse what must be kept

No message quotes a count, a contributor or a number of rows.
"""

from engine.statistics.errors import StatisticsError


class TrendStateUnusable(StatisticsError):
    """The state of earlier periods can't be gone on with; nothing was drawn."""

    code = "trend-state-unusable"
    exit_code = 9


class TrendStateUnwritable(StatisticsError):
    """The state can't be written; what was drawn since must not be published."""

    code = "trend-state-unwritable"
    exit_code = 10
