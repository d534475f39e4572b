"""What a report may say of its release: facts of the log as they were when it was paid for."""

from collections.abc import Mapping, Sequence

from audit import Entry, OutputDiffers, PolicyAdopt, RunStart, fold
from audit.bodies import BudgetReserve
from engine.insight.report.subject import LogFacts, Subject
from engine.statistics import Release, privacy_label
from policies.decision import StudyRules


def subject_of(released: Release, rules: StudyRules, log: LogFacts) -> Subject:
    """Return what the report of a fresh release is made of."""
    policy = rules.policy
    label = privacy_label(released, policy.policy_class)
    return Subject(released.table, released.study, (label,), policy, categories_of(rules), log)


def categories_of(rules: StudyRules) -> Mapping[str, str]:
    """Return the category of each brand of the catalogue that has one."""
    return {brand.name: brand.category for brand in rules.catalogue.brands if brand.category}


def log_facts(log: str, entries: Sequence[Entry], run: str) -> LogFacts:
    """Return what the log, whose name is given, says of a run up to its reservation.

    Nothing that was written later has a part in it, so that a report can be made anew from the log
    as it grew. Raises `OutputDiffers` where the log has no reservation of this run.
    """
    paid = next((e for e in entries if e.run_id == run and isinstance(e.body, BudgetReserve)), None)
    if paid is None:
        raise OutputDiffers(
            "the log has no reservation of the release's run",
            hint="Give the log that the release was made under, or none.",
        )
    assert isinstance(paid.body, BudgetReserve)
    until = entries[: entries.index(paid)]
    began = next(e for e in until if e.run_id == run and isinstance(e.body, RunStart))
    adopted = [
        e.body
        for e in until[: until.index(began)]
        if isinstance(e.body, PolicyAdopt) and e.body.policy == paid.body.policy
    ]
    account = fold(until).account(paid.body.dataset)
    cost = paid.body.loss()
    return LogFacts(
        log,
        run,
        paid.at,
        tuple((a.role, a.key) for a in adopted[-1].approvals) if adopted else (),
        account.total,
        account.spent,
        cost,
        account.total.minus(account.spent + cost),
    )
