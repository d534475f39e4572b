"""The budget of a policy: in what it is stated, what the dataset may lose, what a release costs."""

from collections.abc import Sequence
from fractions import Fraction
from typing import Final, Literal, Self

from pydantic import model_validator

from policies.amounts import Delta, Loss
from policies.fields import ExactDelta, ExactEpsilon, ExactRho, Part
from policies.rules import broken
from policies.statistic_choices import Statistic

LARGEST_DELTA: Final = Fraction(1, 1000)
"""A delta is the probability with which a promise may not hold; from here on it is none."""


class Amounts(Part):
    """An exact epsilon, or an exact rho; and delta."""

    epsilon: ExactEpsilon | None = None
    rho: ExactRho | None = None
    delta: ExactDelta

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        if (self.epsilon is None) == (self.rho is None):
            raise broken(
                "PL-BUDGET-004",
                "an amount is stated in epsilon or in rho, and not in both",
                "Keep epsilon where accounting is pure-dp, and rho where it is zcdp.",
            )
        return self

    @property
    def loss(self) -> Loss:
        """Both parts as one loss."""
        return Loss(self.epsilon, self.delta, self.rho)


class Budget(Part):
    """What the dataset may lose in all, and what one release may cost."""

    accounting: Literal["pure-dp", "zcdp"] = "pure-dp"
    """pure-dp adds up epsilon, and its noise is two-sided geometric. zcdp adds up rho, and its
    noise is the discrete Gaussian, which is smaller where one contributor touches many cells or
    statistics are many."""
    total: Amounts
    per_release: Amounts
    stated_at: ExactDelta = Delta.parse("1e-6")
    """The delta at which a loss in rho is put into an epsilon for readers."""
    refresh: Literal["never"] = "never"
    shared_with: Literal["dataset"] = "dataset"

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        for delta in (self.total.delta, self.per_release.delta, self.stated_at):
            if delta.value >= LARGEST_DELTA:
                raise broken(
                    "PL-BUDGET-008",
                    "a delta of 0.001 or more promises nothing to one person in a thousand",
                    "Write one far below one in the number of contributors, such as 1e-6.",
                )
        for amounts in (self.total, self.per_release):
            if amounts.loss.accounting != self.accounting:
                unit = "epsilon" if self.accounting == "pure-dp" else "rho"
                raise broken(
                    "PL-BUDGET-005",
                    f"accounting {self.accounting} is in {unit}, and the amounts are not",
                    f"Write {unit} under total and per_release, or another accounting.",
                )
        if not self.per_release.loss.within(self.total.loss):
            raise broken(
                "PL-BUDGET-002",
                "one release costs more than the dataset may lose in all",
                "Lower per_release or raise total.",
            )
        return self


def require_affordable(statistics: Sequence[Statistic], budget: Budget) -> None:
    """Raise the error of PL-BUDGET-001 or 006 for prices that add up to more, or to no budget."""
    spent = Loss.zero(budget.accounting)
    for statistic in statistics:
        if statistic.price.accounting != budget.accounting:
            unit = spent.main.unit
            raise broken(
                "PL-BUDGET-006",
                f"the statistic {statistic.id!r} is not priced in {unit}, as the budget is",
                f"Give it {unit}, or state the budget otherwise.",
            )
        spent += statistic.price
    limit = budget.per_release.loss
    if not Loss(spent.epsilon, Delta.zero(), spent.rho).within(limit):
        raise broken(
            "PL-BUDGET-001",
            f"the statistics cost more than budget.per_release.{limit.main.unit}",
            f"Lower their {limit.main.unit} or raise per_release.",
        )
