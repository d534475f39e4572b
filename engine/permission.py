"""Whether the rules may be run today with this log, and that the log knows them.

Whatever is refused is refused before a photo is opened, and nothing is written.
"""

from collections.abc import Mapping
from datetime import date

from audit import (
    Code,
    Log,
    Named,
    PolicyAdopt,
    RunStart,
    Trust,
    WitnessMissing,
    fold,
)
from audit.ledger import require_affordable, require_declared
from engine.adoption import adoption, require_in_use
from engine.models_in_use import require_pinned
from engine.provenance import source_digest, version
from engine.study import approved_by
from policies.amounts import Loss
from policies.decision import ApprovedRules, StudyRules
from policies.errors import PolicyRefuses
from policies.policy import Policy


def permitted_by(rules: StudyRules, trust: Trust, today: date) -> ApprovedRules:
    """Return the rules as ones that may run today, by the keys and for the log that are trusted.

    Raises `WitnessMissing`, and as `require_pinned` and `approved_by`.
    """
    if rules.policy.policy_class != "test" and trust.quorum < 1:
        raise WitnessMissing(
            f"a {rules.policy.policy_class} policy needs a witnessed log",
            hint="Set quorum to 1 or more in the trust file, with a witness in another place.",
        )
    require_pinned(rules)
    return approved_by(rules, trust, today)


def require_spendable(log: Log, permitted: ApprovedRules, price: Loss) -> None:
    """Refuse what the log would refuse later on: rules out of use, or a price it can't pay.

    Raises `PolicyRefuses` and `BudgetRefused`; writes nothing.
    """
    _require_same_class(log, permitted.rules.policy)
    require_in_use(log, permitted)
    _require_budget(log, permitted.rules, price)


def adopt(log: Log, permitted: ApprovedRules) -> None:
    """Write into the log what the dataset may lose and which policy is run; each once."""
    policy = permitted.rules.policy
    log.declare_dataset(policy.dataset.id, policy.budget.total.loss)
    log.adopt_policy(adoption(permitted.rules, permitted.approvals))


def run_start(rules: StudyRules, models: Mapping[str, str]) -> RunStart:
    """Return what the log is told when a run begins; `models` by name, with their digests."""
    return RunStart(
        policy=rules.policy.digest,
        dataset=rules.policy.dataset.id,
        code=Code(version=version(), source=source_digest()),
        models=tuple(Named(name=name, digest=digest) for name, digest in models.items()),
    )


def _require_budget(log: Log, rules: StudyRules, price: Loss) -> None:
    """Refuse before any photo is opened what the log would refuse at the end; write nothing."""
    dataset, total = rules.policy.dataset.id, rules.policy.budget.total.loss
    ledger = fold(log.entries())
    spent = Loss.zero(total.accounting)
    if dataset in ledger.datasets:
        account = ledger.account(dataset)
        spent = account.spent
        require_declared(dataset, account.total, total)
    require_affordable(dataset, total, spent, price)


def _require_same_class(log: Log, policy: Policy) -> None:
    """Refuse to mix: a dataset that was for tests is never real, and the other way round."""
    entries = log.entries()
    classes = {e.body.policy: e.body.class_ for e in entries if isinstance(e.body, PolicyAdopt)}
    for entry in entries:
        if not isinstance(entry.body, RunStart) or entry.body.dataset != policy.dataset.id:
            continue
        if (classes[entry.body.policy] == "test") != (policy.policy_class == "test"):
            raise PolicyRefuses(
                "PL-CLASS-002",
                "the dataset was used under a policy of another class",
                hint="Test photos and real ones are different datasets: give each its own id.",
            )
