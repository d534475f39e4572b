"""Which way a field's value leads: towards stricter, towards looser, or neither.

Stricter means that less may be done, by fewer, for less loss, or that more must be in place first.
A field that changes what is measured, or how exactly, at the same guarantee is neither. Every field
of the schema is either here or in `NEITHER`: a new one has to choose.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final, Literal

Direction = Literal["stricter", "looser", "other"]
Reading = Callable[[Any, Any], Direction]


def _of(before: Any, after: Any) -> Direction:
    """Read two values of which the larger is stricter."""
    if before == after:
        return "other"
    return "stricter" if after > before else "looser"


def _flipped(direction: Direction) -> Direction:
    return {"stricter": "looser", "looser": "stricter", "other": "other"}[direction]  # type: ignore[return-value]


def _number(value: Any) -> Decimal | str:
    """Return an amount as a number; days, weeks and months compare as they are written."""
    text = str(value)
    return text if "-" in text.removeprefix("-").split("e")[0] else Decimal(text)


def higher(before: Any, after: Any) -> Direction:
    """Read a number or date of which more is stricter, and none at all the loosest."""
    if before is None or after is None:
        return _of(before is not None, after is not None)
    return _of(_number(before), _number(after))


def lower(before: Any, after: Any) -> Direction:
    """Read a number or date of which less is stricter, and none at all the loosest."""
    if before is None or after is None:
        return _of(before is not None, after is not None)
    return _flipped(_of(_number(before), _number(after)))


def fewer(before: Any, after: Any) -> Direction:
    """Read a list of what is allowed."""
    return more(after, before)


def more(before: Any, after: Any) -> Direction:
    """Read a list of what is forbidden or asked for."""
    was, now = set(before or ()), set(after or ())
    if was == now or not (was < now or now < was):
        return "other"
    return "stricter" if was < now else "looser"


def counts(before: Any, after: Any) -> Direction:
    """Read how many are needed, by role."""
    roles = {*before, *after}
    steps = {_of(before.get(role, 0), after.get(role, 0)) for role in roles} - {"other"}
    return steps.pop() if len(steps) == 1 else "other"


def given(before: Any, after: Any) -> Direction:
    """Read what is better said than left out."""
    return _of(before is not None, after is not None)


def absent(before: Any, after: Any) -> Direction:
    """Read what is stricter where it is left out."""
    return _flipped(given(before, after))


def fewer_of_all(before: Any, after: Any) -> Direction:
    """Read a list of what is allowed, of which none means all there is."""
    if before is None or after is None:
        return given(before, after)
    return fewer(before, after)


def rising(*values: str) -> Reading:
    """Return the reading of a choice whose values stand here from the loosest to the strictest."""
    return lambda before, after: _of(values.index(before), values.index(after))


_PERIOD: Final[dict[str, Reading]] = {"from": higher, "to": lower}

DIRECTIONS: Final[dict[str, Reading]] = {
    "class": rising("test", "pilot", "production"),
    "purpose.dpv": fewer,
    "purpose.duo": more,
    "purpose.prohibited_uses": more,
    "validity.not_before": higher,
    "validity.not_after": lower,
    "approvals": counts,
    "dataset.consent": rising("elsewhere", "column"),
    "privacy_unit.accounts_of_one_person": higher,
    "budget.total.epsilon": lower,
    "budget.total.rho": lower,
    "budget.total.delta": lower,
    "budget.per_release.epsilon": lower,
    "budget.per_release.rho": lower,
    "budget.per_release.delta": lower,
    "statistics.*": absent,
    "statistics.*.epsilon": lower,
    "statistics.*.rho": lower,
    "statistics.*.k": lower,
    "statistics.*.least": higher,
    "statistics.*.selection_delta": lower,
    **{f"dimensions.{kind}": absent for kind in ("scene", "object", "interest", "hashtag")},
    **{f"dimensions.{kind}": absent for kind in ("region", "platform", "day", "week", "month")},
    **{
        f"dimensions.{kind}.labels": fewer
        for kind in ("scene", "object", "interest", "region", "platform")
    },
    **{
        f"dimensions.{kind}.{end}": reading
        for kind in ("day", "week", "month")
        for end, reading in _PERIOD.items()
    },
    "model_release": absent,
    "model_release.labels": fewer_of_all,
    "model_release.noise": higher,
    "model_release.epsilon": lower,
    "model_release.rho": lower,
    "model_release.delta": lower,
    "model_release.figures": absent,
    "model_release.figures.epsilon": lower,
    "model_release.figures.rho": lower,
    "redaction.people": rising("faces", "people"),
    "redaction.text": rising("pii-only", "default-deny"),
    "redaction.animations": rising("first-frame", "withhold"),
    "redaction.limits.max_bytes": lower,
    "redaction.limits.max_pixels": lower,
    "redaction.limits.max_seconds": lower,
    "redaction.limits.max_memory_mb": lower,
    "redaction.evaluation": given,
    "redaction.evaluation.min_photos": higher,
    "redaction.evaluation.min_face_recall": higher,
    "redaction.evaluation.min_face_recall_24": higher,
    "redaction.evaluation.min_photos_safe": higher,
    "redaction.evaluation.min_text_cover": higher,
    "redaction.evaluation.min_code_cover": higher,
    "redaction.evaluation.min_plate_cover": higher,
    "redaction.evaluation.max_withheld": lower,
    "models": given,
    "retention.private_commitments_days": lower,
    "release.formats": fewer,
    "release.recipients": fewer,
    "controller": given,
    "controller.dpo": given,
    "record_of_processing": given,
    "lawful_basis": given,
    "lawful_basis.balancing_test": given,
    "dpia": given,
    "optouts": given,
    "optouts.applied": rising("by-operator", "by-run"),
    "optouts.max_age_days": lower,
    "audit.witness_quorum": higher,
}

NEITHER: Final = frozenset(
    {
        *("schema", "id", "version", "supersedes", "purpose.statement"),
        *("dataset.id", "dataset.collection", "dataset.acquisition"),
        # A bound alone changes the noise and what is left out, and not the guarantee.
        *("contributions.max_cells", "statistics.*.max_cells", "statistics.*.clip"),
        # Which photos are one is settled within a contributor, whose bounds stay as they are.
        "contributions.near_duplicates",
        *("privacy_unit.identities", "budget.accounting", "budget.stated_at"),
        *("statistics.*.id", "statistics.*.kind", "statistics.*.by", "statistics.*.mechanism"),
        *("statistics.*.participations", "statistics.*.strategy", "statistics (order)"),
        "dimensions.region.from",
        *("dimensions.brand.catalogue", "dimensions.brand.digest", "dimensions.brand.built"),
        *("continual", "continual.by", "redaction.fill", "redaction.text_reason"),
        # How a model is trained at the same price: the noise follows.
        *(f"model_release.{part}" for part in ("id", "kind", "epochs", "clip")),
        *("model_release.sampling_rate", "model_release.contributors"),
        "model_release.photos_per_contributor",
        "redaction.evaluation.record",
        *(f"recognition.least_score.{kind}" for kind in ("brand", "scene", "object", "interest")),
        *(
            f"recognition.nets.{net}{part}"
            for net in ("embedding", "detector")
            for part in ("", ".file", ".digest")
        ),
        *("recognition.heads.*.file", "recognition.heads.*.digest"),
        *("controller.name", "controller.contact"),
        *(
            f"record_of_processing.{part}"
            for part in ("subjects", "data", "transfers", "security", "erasure")
        ),
        *("lawful_basis.gdpr", "dpia.id", "dpia.digest", "dpia.approved_on"),
        *("dpia.residual_risk", "dpia.authority_consulted_on"),
    }
)
"""Fields of which no value is stricter than another."""
