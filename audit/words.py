"""Entries in words, for a timeline: one sentence each, of public things only."""

from audit.bodies import (
    Amounts,
    BudgetReserve,
    DatasetDeclare,
    KeyRotate,
    LogOpen,
    PolicyAdopt,
    PolicyRevoke,
    Release,
    RunEnd,
    RunInputs,
    RunStart,
    StatisticSpend,
)
from audit.entries import Entry

_SHORT = 12

UNREMEMBERED = (
    "no witness's memory and no kept head was compared, so nobody can know here whether an older "
    "copy of this log was put back"
)
"""What is to be said of a log that nobody else's memory was held against."""


def short(digest: str) -> str:
    """Return the beginning of a digest, enough to tell two apart by eye."""
    kind, colon, value = digest.partition(":")
    return kind + colon + value[:_SHORT]


def amount_words(amounts: Amounts) -> str:
    """Return a loss in words, such as `epsilon 1` or `rho 0.5, delta 1e-9`."""
    loss = amounts.loss()
    delta = f", delta {loss.delta}" if loss.delta.value else ""
    return f"{loss.main.unit} {loss.main}{delta}"


def spent_on(spend: StatisticSpend) -> str:
    """Say what is paid for: a table by its id, a model with what its cost hangs on."""
    training = spend.training
    if training is None:
        return spend.id
    steps = "one step" if training.steps == 1 else f"{training.steps} steps"
    return (
        f"the model {spend.id} ({steps}, each with a share of {training.sampling_rate} of the"
        f" contributors and noise {training.noise})"
    )


def sentence(entry: Entry) -> str:
    """Say what the entry records."""
    body = entry.body
    if isinstance(body, LogOpen):
        return f"The log {body.origin} begins."
    if isinstance(body, PolicyAdopt):
        roles = ", ".join(approval.role for approval in body.approvals)
        by = f"approved by {roles}" if roles else "approved by nobody"
        return (
            f"Policy {body.id} version {body.version} ({body.class_}, {short(body.policy)}) is "
            f"adopted, {by}, valid up to {body.not_after}"
            f"{f', after {short(body.supersedes)}' if body.supersedes else ''}."
        )
    if isinstance(body, PolicyRevoke):
        return f"Policy {short(body.policy)} is revoked for ever, by an approver as {body.role}."
    if isinstance(body, KeyRotate):
        return (
            f"The log goes over from its key {short(body.old)} to {short(body.new)}, which alone "
            "signs from here on."
        )
    if isinstance(body, DatasetDeclare):
        return f"Dataset {body.dataset} may lose {amount_words(body.total)} in all."
    if isinstance(body, RunStart):
        return (
            f"A run over {body.dataset} begins under {short(body.policy)}, "
            f"Crowdlens {body.code.version} with {len(body.models)} models."
        )
    if isinstance(body, RunInputs):
        listed = "no opt-out list" if body.optouts is None else "the opt-out list it applies"
        return f"The run commits to the rows it reads, and to {listed}."
    if isinstance(body, BudgetReserve):
        what = ", ".join(spent_on(statistic) for statistic in body.statistics) or "nothing new"
        when = f" for {body.periods[0]} to {body.periods[-1]}" if body.periods else ""
        return f"{amount_words(body.cost)} of {body.dataset} is spent on {what}{when}."
    if isinstance(body, Release):
        names = ", ".join(output.name for output in body.outputs)
        return f"The run over {body.dataset} ends with a release: {names}."
    assert isinstance(body, RunEnd)
    return f"The run ends without a release: {body.outcome}."
