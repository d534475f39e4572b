"""What a running total that goes on from run to run is, in public words."""

from dataclasses import dataclass

from engine.statistics.errors import StudyInvalid
from engine.statistics.running.strategy import Strategy
from engine.statistics.sensitivity import Sensitivity
from policies.canonical import canonical_json


@dataclass(frozen=True, eq=False)
class Trend:
    """One statistic of one policy about one dataset, over a declared horizon.

    All its rows together are one mechanism with one price, which is paid before the first: a
    person moves all of them together no further than `sensitivity` says, whenever they are drawn,
    and also where later photos depend on earlier totals (Denisov et al. 2022: rows in the order of
    their last period, noise of its own in each).
    """

    policy: str
    """The policy's digest."""
    dataset: str
    statistic: str
    series: tuple[str, ...]
    """Names of the series, in their order: what a label of each is called."""
    strategy: Strategy
    participations: int
    """Periods of one series that one contributor counts in, at most."""
    max_series: int
    """Series that one contributor counts in, at most."""
    noise: str
    """The law of every row's noise, with its exact parameters."""

    def __post_init__(self) -> None:
        if not self.series or len(set(self.series)) != len(self.series):
            raise StudyInvalid("a running total has series, each with a name of its own")
        self.strategy.sensitivity(self.participations, self.max_series)

    @property
    def sensitivity(self) -> Sensitivity:
        """How far one contributor moves all rows of the whole horizon before noise."""
        series = min(self.max_series, len(self.series))
        return self.strategy.sensitivity(self.participations, series)

    def identity(self) -> bytes:
        """Return the bytes that are equal for the same trend alone."""
        return canonical_json(
            {
                "policy": self.policy,
                "dataset": self.dataset,
                "statistic": self.statistic,
                "series": list(self.series),
                "strategy": self.strategy.digest,
                "participations": self.participations,
                "max_series": self.max_series,
                "noise": self.noise,
            }
        )
