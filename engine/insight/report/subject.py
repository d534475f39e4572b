"""What a report is made of: a released table, its label, its policy, and what the log says.

All of it is public. INVARIANT: nothing here comes from the data but through noise.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from engine.insight.hints.hint import stretch_words
from engine.statistics.accounting import stated_epsilon
from engine.statistics.interface import Study
from policies.amounts import Delta, Epsilon, Loss, Rho
from policies.policy import Policy


@dataclass(frozen=True)
class LogFacts:
    """What the audit log says of one release when its budget was reserved, before any noise."""

    log: str
    """The log's name."""
    run: str
    day: str
    """Of the reservation: all of the time that the log knows."""
    approvals: tuple[tuple[str, str], ...]
    """Roles and keys of those who approved the policy."""
    total: Loss
    before: Loss
    """What the dataset had spent before."""
    cost: Loss
    left: Loss


@dataclass(frozen=True)
class Subject:
    """One release, or several of a continual study that are read as one."""

    table: pl.DataFrame
    study: Study
    """Cut to the periods that the table is of."""
    labels: tuple[Mapping[str, Any], ...]
    """The privacy label of each release, oldest first."""
    policy: Policy
    categories: Mapping[str, str]
    """Of each brand that has one in the catalogue, its category."""
    log: LogFacts | None = None
    """None where nobody gave the log."""

    @property
    def span(self) -> str:
        """The first and the last period, in words; empty for a study without periods."""
        kinds = [s.period for s in self.study.in_order() if s.period is not None]
        if not kinds:
            return ""
        first, last = kinds[0].in_order[0], kinds[0].in_order[-1]
        return stretch_words(first if first == last else f"{first} to {last}")

    @property
    def loss(self) -> Loss:
        """What all of its releases lost together; exact."""
        losses = [_loss(label) for label in self.labels]
        return sum(losses[1:], losses[0])

    @property
    def stated(self) -> tuple[str, str]:
        """The epsilon and delta for readers, of all of its releases together."""
        loss, at = self.loss, self.policy.budget.stated_at
        if loss.epsilon is not None:
            return str(loss.epsilon), str(loss.delta)
        if len(self.labels) == 1 and "stated" in self.labels[0]:
            stated = self.labels[0]["stated"]
            return str(stated["epsilon"]), str(stated["delta"])
        assert loss.rho is not None
        return f"{stated_epsilon(loss.rho, at).epsilon:.4g}", str(at + loss.delta)


def _loss(label: Mapping[str, Any]) -> Loss:
    delta = Delta.parse(label["delta"])
    if label.get("rho") is not None:
        return Loss(None, delta, Rho.parse(label["rho"]))
    return Loss(Epsilon.parse(label["epsilon"]), delta)
