"""A study that runs period by period: which periods a run closes, and what that asks of tables."""

from collections.abc import Sequence
from typing import Literal

from policies.fields import Part
from policies.public_keys import Dimensions
from policies.rules import broken
from policies.statistic_choices import Statistic


class Continual(Part):
    """Each run releases the periods that have ended since the last one, and none twice.

    Photos that come late for a period that was released are left out: its numbers never change.
    A statistic's price is that of one run; a running total's is paid by the first run for all.
    """

    by: Literal["day", "week", "month"]


def require_periodic(
    continual: Continual | None, statistics: Sequence[Statistic], dimensions: Dimensions
) -> None:
    """Raise the error of PL-RUN-001 or 002 where a table can't be released period by period."""
    if continual is None:
        return
    if not dimensions.has(continual.by):
        raise broken(
            "PL-RUN-001",
            f"the study is continual by {continual.by}, which dimensions leave out",
            f"Write {continual.by} with from and to under dimensions.",
        )
    for statistic in statistics:
        if continual.by not in statistic.by and statistic.kind != "found":
            raise broken(
                "PL-RUN-002",
                f"the statistic {statistic.id!r} is not by {continual.by}, as a continual study is",
                f"Add {continual.by} to its by, or give it a policy of its own.",
            )
