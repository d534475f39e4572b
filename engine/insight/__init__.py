"""What follows from released numbers alone, and costs no budget.

The door is `insights(table, study) -> Insights`. Nothing here sees a sighting: a table's noisy
numbers, its study and the published laws of the noise are all there is, and each derived number
comes with bounds, or is said to be not known. What the bounds leave out is `BIAS`.
"""

from engine.insight.caveats import BIAS
from engine.insight.errors import InsightError, NotReleased, TableRefused
from engine.insight.insights import Insights, insights
from engine.insight.released import Released

__all__ = [
    "BIAS",
    "InsightError",
    "Insights",
    "NotReleased",
    "Released",
    "TableRefused",
    "insights",
]
