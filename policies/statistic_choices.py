"""The statistics of a policy: what each measures, by which keys, at what price."""

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from policies.amounts import Delta, Loss
from policies.fields import ExactDelta, ExactEpsilon, ExactRho, Part, StatisticId
from policies.public_keys import DimensionName
from policies.rules import broken

Measure = Literal["contributors", "photos", "together", "running-total", "top", "found"]
_LABELS: Final = ("brand", "parent", "category", "scene", "object", "interest")
_PERIODS: Final = ("day", "week", "month")
_OWN: Final[dict[Measure, tuple[str, ...]]] = {
    "contributors": (),
    "photos": ("clip",),
    "together": (),
    "running-total": ("participations", "strategy"),
    "top": ("k",),
    "found": ("least", "selection_delta"),
}
_NEEDED: Final = ("clip", "k", "least", "selection_delta")

_PARAMETERS: Final = tuple(name for names in _OWN.values() for name in names)

Cells = Annotated[int, Field(ge=1, le=1000)]


class PrivacyUnit(Part):
    """Whom the guarantee protects: the account that posted, or a person with several."""

    kind: Literal["contributor"] = "contributor"
    unknown: Literal["drop"] = "drop"
    accounts_of_one_person: Annotated[int, Field(ge=1, le=100)] = 1
    """The guarantee is made for so many accounts together; the noise grows as much."""
    identities: Literal["accounts", "map"] = "accounts"
    """map: a file of the operator's says which accounts are one person's, and that person counts as
    one contributor. The policy and the label say that there is one, and never what it holds."""


class Contributions(Part):
    """How much one contributor can count for, per statistic."""

    max_cells: Cells
    max_per_cell: Literal[1] = 1
    near_duplicates: Literal["once", "each"] = "once"
    """once: photos of one contributor that look the same (the same photo twice, a burst) are one
    photo wherever photos are counted. Photos of two contributors are never compared."""


class Statistic(Part):
    """One table of the release.

    contributors: how many show a label, per cell; or how many post at all, by no label.
    photos: how many photos show it, at most `clip` of one contributor in a cell.
    together: how many contributors show two labels in one photo; by one label and one `with_`.
    running-total: contributors of each period, added up from the first on.
    top: which `k` labels most contributors show, without their numbers.
    found: hashtags that `least` contributors and more use, which no catalogue names.
    """

    id: StatisticId
    kind: Measure = "contributors"
    by: Annotated[list[DimensionName], Field(max_length=6)]
    epsilon: ExactEpsilon | None = None
    rho: ExactRho | None = None
    max_cells: Cells | None = None
    """For this statistic alone, in the place of contributions.max_cells."""
    mechanism: Literal["geometric", "discrete-laplace", "discrete-gaussian"] | None = None
    """Left out, it is the one with the least noise for the price."""
    clip: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    participations: Annotated[int, Field(ge=1, le=520)] | None = None
    """In how many periods of a running total one contributor counts, for each label."""
    strategy: Literal["tree", "toeplitz", "separate"] | None = None
    """Which sums of periods get noise; left out, those with the least error."""
    k: Annotated[int, Field(ge=1, le=1000)] | None = None
    least: Annotated[int, Field(ge=2, le=1_000_000)] | None = None
    """Of labels that no catalogue names: contributors one needs before noise decides."""
    selection_delta: ExactDelta | None = None
    """Probability with which one that hangs on a single person may be seen after all."""

    @property
    def price(self) -> Loss:
        """Its epsilon or its rho."""
        return Loss(self.epsilon, Delta.zero(), self.rho)

    @model_validator(mode="after")
    def _is_one_table(self) -> Self:
        if len(set(self.by)) != len(self.by):
            raise broken("PL-STAT-001", "a dimension is named twice", "Keep it once.")
        if (self.epsilon is None) == (self.rho is None):
            raise broken(
                "PL-BUDGET-007",
                "a statistic is priced in epsilon or in rho, and not in both",
                "Keep epsilon where accounting is pure-dp, and rho where it is zcdp.",
            )
        self._dimensions()
        self._parameters()
        return self

    def _dimensions(self) -> None:
        if (self.kind == "found") != ("hashtag" in self.by) or (
            self.kind == "found" and len(self.by) > 1
        ):
            raise broken(
                "PL-STAT-010",
                "hashtags are found in the data, by themselves and by nothing else",
                "Write kind: found and by: [hashtag].",
            )
        if self.kind == "found":
            return
        labels = [name for name in self.by if name in _LABELS]
        if len(labels) > 1 or (not labels and self.kind not in ("contributors", "photos")):
            raise broken(
                "PL-STAT-002",
                f"a statistic of kind {self.kind} needs exactly one of {', '.join(_LABELS)}",
                "Name one of them in by, and make another statistic for another.",
            )
        seconds = len([name for name in self.by if name.startswith("with_")])
        if seconds != (1 if self.kind == "together" else 0):
            raise broken(
                "PL-STAT-005",
                "two labels meet in a statistic of kind together, and nowhere else",
                "Write for instance kind: together and by: [brand, with_scene].",
            )
        periods = len([name for name in self.by if name in _PERIODS])
        if periods > 1 or (self.kind == "running-total" and periods == 0):
            raise broken(
                "PL-STAT-006",
                "a statistic is by one kind of period at most, and a running total by one",
                "Keep day, week or month.",
            )

    def _parameters(self) -> None:
        own = _OWN[self.kind]
        for name in _PARAMETERS:
            given = getattr(self, name) is not None
            if given and name not in own:
                raise broken(
                    "PL-STAT-007", f"{name} means nothing for kind {self.kind}", "Leave it out."
                )
            if not given and name in own and name in _NEEDED:
                raise broken(
                    "PL-STAT-009",
                    f"a statistic of kind {self.kind} needs {name}",
                    f"Write for instance {name}: 3.",
                )
