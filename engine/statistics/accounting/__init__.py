"""What a study costs and how exact it will be, from the policy alone; and epsilon for readers."""

from engine.statistics.accounting.cost import (
    ExpectedError,
    cost,
    cost_of,
    costs,
    expected_error,
    expected_of,
    law_of,
)
from engine.statistics.accounting.stated import Stated, rho_within, stated_epsilon

__all__ = [
    "ExpectedError",
    "Stated",
    "cost",
    "cost_of",
    "costs",
    "expected_error",
    "expected_of",
    "law_of",
    "rho_within",
    "stated_epsilon",
]
