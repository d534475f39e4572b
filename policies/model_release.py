"""A model that a study may train from contributors' redacted photos: one more release, priced.

Everything that decides a training stands here, so that reviewers sign it: nothing about how a
model is trained is chosen after a photo was seen. `docs/training.md` says what each value does.
"""

from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING, Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from policies.amounts import Delta, Loss, Number, Share
from policies.budget_choices import LARGEST_DELTA, Budget
from policies.catalogue import Catalogue
from policies.errors import Finding, PolicyRefuses
from policies.fields import (
    ExactDelta,
    ExactEpsilon,
    ExactNumber,
    ExactRate,
    ExactRho,
    Part,
    StatisticId,
)
from policies.label_deny_list import about_a_person
from policies.label_dimensions import Labels, require_nameable
from policies.public_keys import Dimensions
from policies.rules import broken
from policies.statistic_choices import Statistic
from policies.strict_yaml import Document

if TYPE_CHECKING:
    from policies.policy import Policy

MOST_STEPS: Final = 10_000
FIGURES_SUFFIX: Final = "_figures"
_LEAST_NOISE: Final = Fraction(1, 10)
_MOST_NOISE: Final = Fraction(10_000)
_LEAST_CLIP: Final = Fraction(1, 1000)
_MOST_CLIP: Final = Fraction(1000)

TaughtKind = Literal["brand", "scene", "interest"]
"""What a model may be taught to recognise."""


class FiguresPrice(Part):
    """What the figures of a model card cost: noisy numbers, or they would tell of people."""

    epsilon: ExactEpsilon | None = None
    rho: ExactRho | None = None

    @property
    def loss(self) -> Loss:
        """The price; the noise of these figures is drawn exactly, and costs no delta."""
        return Loss(self.epsilon, Delta.zero(), self.rho)

    @model_validator(mode="after")
    def _one_currency(self) -> Self:
        _require_one(self.epsilon is None, self.rho is None)
        return self


class ModelRelease(Part):
    """A small recogniser that contributors' redacted photos teach, by DP-SGD, and that leaves.

    The unit is the contributor, with all of their photos. Training is a run of its own
    (`crowdlens train`), and each one is paid for.
    """

    id: StatisticId
    """By which the log and the card name it."""
    kind: TaughtKind
    labels: Labels | None = None
    """What it shall tell apart; left out, all of the policy's labels of this kind."""
    architecture: Literal["linear"] = "linear"
    """One layer on what the embedding net sees in a redacted photo; the net itself stays as it
    is."""
    epochs: ExactNumber = Number.parse("10")
    """How often a contributor takes part on average."""
    sampling_rate: ExactRate = Share.parse("1")
    """Probability with which a contributor takes part in a step, drawn anew for each."""
    clip: ExactNumber = Number.parse("1")
    """Most that one contributor can add to a step (L2), whatever the number of their photos."""
    noise: ExactNumber | None = None
    """Standard deviation of the noise on a step, in units of `clip`; left out, the least that the
    price pays for."""
    epsilon: ExactEpsilon | None = None
    rho: ExactRho | None = None
    delta: ExactDelta | None = None
    """Beside epsilon, probability with which it may not hold; beside rho there is none."""
    contributors: Annotated[int, Field(ge=1, le=100_000_000)]
    """A public guess of how many there are, which scales the steps; never counted from photos."""
    photos_per_contributor: Annotated[int, Field(ge=1, le=1000)] = 64
    """At most so many of one contributor are looked at, chosen by a secret."""
    figures: FiguresPrice | None = None
    """Noisy figures for the model's card; left out, it has none."""

    @property
    def price(self) -> Loss:
        """What the weights cost."""
        return Loss(self.epsilon, self.delta or Delta.zero(), self.rho)

    @property
    def prices(self) -> dict[str, Loss]:
        """What a training costs, by the ids that stand in the log."""
        figures = {} if self.figures is None else {self.figures_id: self.figures.loss}
        return {self.id: self.price, **figures}

    @property
    def figures_id(self) -> str:
        """By which the log names the card's figures."""
        return f"{self.id}{FIGURES_SUFFIX}"

    @property
    def steps(self) -> int:
        """Steps of the training: epochs over the sampling rate, rounded up."""
        return ceil(self.epochs.value / self.sampling_rate.value)

    @model_validator(mode="after")
    def _is_priced(self) -> Self:
        _require_one(self.epsilon is None, self.rho is None)
        if (self.delta is None) != (self.epsilon is None):
            raise broken(
                "PL-TRAIN-002",
                "a model priced in epsilon needs a delta, and one priced in rho has none",
                'Write for instance delta: "1e-6" beside epsilon, or leave it out beside rho.',
            )
        if self.delta is not None and self.delta.value >= LARGEST_DELTA:
            raise broken(
                "PL-BUDGET-008",
                "a delta of 0.001 or more promises nothing to one person in a thousand",
                "Write one far below one in the number of contributors, such as 1e-6.",
            )
        return self

    @model_validator(mode="after")
    def _is_a_training(self) -> Self:
        if self.epochs.value < self.sampling_rate.value or self.steps > MOST_STEPS:
            raise broken(
                "PL-TRAIN-003",
                f"epochs over sampling_rate are the steps, and not from 1 to {MOST_STEPS:,}",
                'Write for instance epochs: "10" and sampling_rate: "0.5".',
            )
        if not _LEAST_CLIP <= self.clip.value <= _MOST_CLIP:
            raise broken("PL-TRAIN-004", "clip is not from 0.001 to 1000", 'Write clip: "1".')
        if self.noise is not None and not _LEAST_NOISE <= self.noise.value <= _MOST_NOISE:
            raise broken(
                "PL-TRAIN-014",
                "noise is not from 0.1 to 10,000",
                "Leave it out, and it is the least that the price pays for.",
            )
        if len(self.id) > 64 - len(FIGURES_SUFFIX):
            raise broken("PL-TRAIN-015", "the model's id is too long", "Shorten it.")
        require_nameable(self.labels or [])
        return self


def require_trainable(
    model: ModelRelease | None,
    statistics: Sequence[Statistic],
    budget: Budget,
    dimensions: Dimensions,
) -> None:
    """Raise the error of a PL-TRAIN rule for a model that does not suit the rest of the policy."""
    if model is None:
        return
    own = {model.id, model.figures_id}
    if own & {statistic.id for statistic in statistics}:
        raise broken(
            "PL-TRAIN-005",
            f"the model and a statistic share the id {min(own)!r}, or its figures' would",
            "Give the model an id of its own.",
        )
    for name, price in model.prices.items():
        if price.accounting != budget.accounting:
            raise broken(
                "PL-TRAIN-006",
                f"{name} is not priced in the budget's currency, {budget.accounting}",
                "Write epsilon where accounting is pure-dp, and rho where it is zcdp.",
            )
    price = sum(model.prices.values(), Loss.zero(budget.accounting))
    if not price.within(budget.per_release.loss):
        raise broken(
            "PL-TRAIN-007",
            f"a training costs {price}, more than budget.per_release allows",
            "Lower the model's price or raise per_release; delta counts too.",
        )
    _require_own_labels(model, dimensions)


def require_taught_brands(model: ModelRelease | None, catalogue: Catalogue) -> None:
    """Raise `PolicyRefuses` where a model is of brands that may not be taught.

    PL-TRAIN-008 for one that the catalogue does not name; PL-LABEL-002 for one about persons: what
    is taught by photos alone can be anything that a catalogue calls a brand.
    """
    if model is None or model.kind != "brand":
        return
    for label in model.labels or catalogue.labels:
        if about_a_person(label):
            raise PolicyRefuses(
                "PL-LABEL-002",
                f"the model shall tell {label!r}, which is a label about persons",
                hint="Name what is sold, and list under labels what the model shall tell.",
            )
        if label not in catalogue.labels:
            raise PolicyRefuses(
                "PL-TRAIN-008",
                f"the model shall tell {label!r}, which is no brand of the catalogue",
                hint="Name brands of the catalogue, or leave labels out for all of them.",
            )


def to_weigh(policy: "Policy", document: Document | None = None) -> tuple[Finding, ...]:
    """Return what reviewers should weigh in the training of a model."""
    model = policy.model_release
    if model is None:
        return ()
    return tuple(
        Finding(
            rule,
            f"model_release.{field}",
            document.line(("model_release", field)) if document is not None else 0,
            message,
            fix,
            "warning",
        )
        for rule, field, message, fix in _doubts(model)
    )


def _doubts(model: ModelRelease) -> Iterator[tuple[str, str, str, str]]:
    if model.rho is not None and model.sampling_rate.value < 1:
        yield (
            "PL-TRAIN-009",
            "sampling_rate",
            "in rho, taking part by chance costs as much as taking part in every step",
            'Write sampling_rate: "1", or state the budget in epsilon.',
        )
    if model.delta is not None and model.delta.value * model.contributors >= 1:
        yield (
            "PL-TRAIN-010",
            "delta",
            "a delta of one in the number of contributors lets the promise fail for one of them",
            "Write one that is far smaller.",
        )


def _require_own_labels(model: ModelRelease, dimensions: Dimensions) -> None:
    if model.kind == "brand":
        return
    if not dimensions.has(model.kind):
        raise broken(
            "PL-TRAIN-011",
            f"the model is of kind {model.kind}, which dimensions leave out",
            f"Name the labels under dimensions.{model.kind}.",
        )
    strange = set(model.labels or ()) - set(dimensions.keys(model.kind))
    if strange:
        raise broken(
            "PL-TRAIN-016",
            f"the model shall tell {min(strange)!r}, which dimensions.{model.kind} leave out",
            "Name it there too, or leave it out here.",
        )


def _require_one(no_epsilon: bool, no_rho: bool) -> None:
    if no_epsilon == no_rho:
        raise broken(
            "PL-TRAIN-001",
            "a model, and its figures, are priced in epsilon or in rho, and not in both",
            "Keep epsilon where accounting is pure-dp, and rho where it is zcdp.",
        )
