"""What a report may say of its release: facts of the log as they were when it was paid for."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from audit import Entry, OutputDiffers, PolicyAdopt, RunStart, Trust, fold, verify
from audit.bodies import BudgetReserve
from engine.insight.files import read_labels, read_releases
from engine.insight.report.subject import LogFacts, Subject
from engine.statistics import Release, privacy_label, study_between
from engine.study import study_of
from policies.decision import StudyRules


def subject_of(released: Release, rules: StudyRules, log: LogFacts) -> Subject:
    """Return what the report of a fresh release is made of."""
    policy = rules.policy
    label = privacy_label(released, policy.policy_class)
    return Subject(released.table, released.study, (label,), policy, categories_of(rules), log)


def subject_of_files(
    directories: Sequence[Path], rules: StudyRules, log: Path | None, trust: Path | None
) -> Subject:
    """Return what a report of releases on the disk is made of; of one, the log's facts too.

    Several releases of a continual study are read as one, and then the log's facts are the last
    one's. `trust` is by default the file beside the log.

    Raises `TableRefused` for what is no release under the policy, and what verification of the log
    raises.
    """
    policy = rules.policy
    study = study_of(rules)
    labels = read_labels(directories)
    table = read_releases(directories, policy.digest, study)
    if policy.continual is not None:
        study = study_between(study, policy.dimensions.keys(policy.continual.by), table)
    facts = None
    if log is not None:
        keys = Trust.load(trust if trust is not None else log.absolute().parent / "trust.yaml")
        found = verify(log, keys)
        if found.failure is not None:
            raise found.failure
        facts = log_facts(found.origin, found.entries[: found.size], str(labels[-1]["run"]))
    return Subject(table, study, labels, policy, categories_of(rules), facts)


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
