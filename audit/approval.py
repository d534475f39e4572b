"""A policy file held against the log: whether what was spent under it was really approved.

The log names approvals by role and key alone, written by whoever holds the log's key. The
signatures stand beside the policy; whoever has both can tell a name that was put there from an
approval that was given.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from audit.bodies import BudgetReserve, DatasetDeclare, PolicyAdopt, RunInputs, StatisticSpend
from audit.entries import Entry
from audit.errors import AuditError, LifecycleBroken, SignatureUntrusted, WitnessMissing
from audit.trust import Trust
from policies.approvals import approvals_path, given_approvals, read_approvals
from policies.decision import applies_a_list
from policies.errors import ApprovalUntrusted
from policies.policy import Policy, load_policy


def policy_file_problem(file: Path, entries: Iterable[Entry], trust: Trust) -> AuditError | None:
    """Return what is wrong between a policy file, its approvals and the log; None for nothing.

    Raises `PolicyInvalid` where the policy file itself can't be read.
    """
    policy = load_policy(file)
    beside = approvals_path(file)
    if policy.approvals and not beside.exists():
        return SignatureUntrusted(f"its approvals are not beside it, in {beside.name}")
    try:
        envelopes = read_approvals(beside)
        signed = {
            (a.role, a.key)
            for a in given_approvals(policy, envelopes, trust.approvers, trust.log.name)
        }
    except ApprovalUntrusted as error:
        return SignatureUntrusted(str(error))
    if trust.quorum < policy.audit.witness_quorum:
        return WitnessMissing("the policy asks for more witnesses than the trust file")
    read = (PolicyAdopt, DatasetDeclare, RunInputs, BudgetReserve)
    held = [e for e in entries if isinstance(e.body, read)]
    adopted: PolicyAdopt | None = None
    listed: set[str | None] = set()
    for entry in held:
        body = entry.body
        problem: AuditError | None = None
        if isinstance(body, DatasetDeclare) and body.dataset == policy.dataset.id:
            if body.total.loss() != policy.budget.total.loss:
                problem = LifecycleBroken("the dataset was declared with another total")
        elif isinstance(body, PolicyAdopt) and body.policy == policy.digest:
            adopted = body
            problem = _adoption(body, policy, signed)
        elif isinstance(body, RunInputs) and body.optouts is not None:
            listed.add(entry.run_id)
        elif isinstance(body, BudgetReserve) and body.policy == policy.digest:
            problem = _spend(entry, body, policy, adopted)
            if problem is None and applies_a_list(policy) and entry.run_id not in listed:
                problem = LifecycleBroken("a spend stands without the opt-out list it needs")
        if problem is not None:
            return problem
    return None if adopted else LifecycleBroken("the log has adopted no policy of this digest")


def _adoption(body: PolicyAdopt, policy: Policy, signed: set[tuple[str, str]]) -> AuditError | None:
    said = (body.id, body.version, body.class_, body.not_after, body.catalogue, body.supersedes)
    last, catalogue = policy.validity.not_after.isoformat(), policy.dimensions.brand.digest
    named = (policy.id, policy.version, policy.policy_class, last, catalogue, policy.supersedes)
    if said != named:
        return LifecycleBroken("the log says other things of the policy than the policy does")
    if not {(a.role, a.key) for a in body.approvals} <= signed:
        return SignatureUntrusted("the log names an approval that nobody has signed")
    return None


def _spend(
    entry: Entry, body: BudgetReserve, policy: Policy, adopted: PolicyAdopt | None
) -> AuditError | None:
    counts = Counter(a.role for a in adopted.approvals) if adopted else Counter[str]()
    if any(counts[role] < needed for role, needed in policy.approvals.items()):
        return LifecycleBroken("a spend stands before the policy had its approvals")
    if entry.day < policy.validity.not_before:
        return LifecycleBroken("a spend stands before the policy's first day")
    if body.dataset != policy.dataset.id:
        return LifecycleBroken("a spend is from another dataset than the policy's")
    prices = {} if policy.model_release is None else policy.model_release.prices
    if not {s.id for s in body.statistics} <= {s.id for s in policy.statistics} | prices.keys():
        return LifecycleBroken("a spend is on a statistic that the policy does not have")
    if not all(_is_as_approved(spend, policy) for spend in body.statistics):
        return LifecycleBroken("a training is not the one that the policy asks for")
    return None


def _is_as_approved(spend: StatisticSpend, policy: Policy) -> bool:
    """Say whether a spend on a model is its price, on just this training; true for a table's."""
    model, training = policy.model_release, spend.training
    if model is None or spend.id not in model.prices:
        return training is None
    if spend.cost.loss() != model.prices[spend.id] or (training is None) == (spend.id == model.id):
        return False
    if training is None:
        return True
    accounts = policy.privacy_unit.accounts_of_one_person
    numbers = (training.steps, training.sampling_rate, training.accounts)
    noise = training.noise if model.noise is None else str(model.noise)
    return (*numbers, training.noise) == (model.steps, str(model.sampling_rate), accounts, noise)
