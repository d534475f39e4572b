"""The order in which entries may stand: one state machine for the writer and the verifier.

A run starts once and ends at most once, with exactly one of `release` and `run.end`; it commits to
what it reads at most once, before it spends; a release stands after its spend, and a model's after
one on its training; a spend stands inside its run, under a policy that was adopted before, is still
in use and has not expired on the entry's date. What a continual study releases goes forward in
time: no period is released twice.
"""

from dataclasses import dataclass, field

from audit.bodies import (
    MODEL_FILES,
    BudgetReserve,
    LogOpen,
    PolicyAdopt,
    PolicyRevoke,
    Release,
    RunEnd,
    RunInputs,
    RunStart,
)
from audit.entries import Entry
from audit.errors import LifecycleBroken
from audit.standing import Objection, Standing


@dataclass
class _Run:
    start: RunStart
    committed: RunInputs | None = None
    spent: Entry | None = None
    """Its one reservation."""
    ended: bool = False

    @property
    def trained(self) -> bool:
        """Whether it has paid for the training of a model."""
        body = self.spent.body if self.spent is not None else None
        return isinstance(body, BudgetReserve) and any(s.training for s in body.statistics)

    @property
    def periods(self) -> tuple[str, ...]:
        """The first and the last period that it closes."""
        body = self.spent.body if self.spent is not None else None
        return body.periods if isinstance(body, BudgetReserve) else ()


@dataclass
class Lifecycle:
    """What has happened so far, as far as it decides what may come next."""

    opened: bool = False
    standing: Standing = field(default_factory=Standing)
    runs: dict[str, _Run] = field(default_factory=dict)
    closed: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of each policy and dataset, the last period that was released."""

    def check(self, entry: Entry) -> None:
        """Raise `LifecycleBroken` where the entry may not come next."""
        body = entry.body
        if isinstance(body, LogOpen) == self.opened:
            raise LifecycleBroken("log.open must be the first entry, and no other")
        if isinstance(body, PolicyAdopt):
            self._check_adopt(body)
        elif isinstance(body, RunStart):
            if entry.run_id in self.runs:
                raise LifecycleBroken("a run can start only once")
            if body.policy not in self.adopted:
                raise LifecycleBroken("a run needs a policy that was adopted before it")
            _forbid(self.standing.to_using(body.policy))
        elif isinstance(body, (RunInputs, BudgetReserve, Release, RunEnd)):
            run = self.runs.get(entry.run_id or "")
            if run is None or run.ended:
                raise LifecycleBroken(f"{entry.type} needs a run that has started and not ended")
            if isinstance(body, RunInputs) and (run.committed or run.spent):
                raise LifecycleBroken("a run commits to its inputs once, before it spends")
            if isinstance(body, BudgetReserve):
                self._check_reserve(body, run, entry.at)
            elif isinstance(body, Release):
                self._check_release(body, run)

    def record(self, entry: Entry) -> None:
        """Take the entry, which `check` has passed, into the state."""
        body = entry.body
        if isinstance(body, LogOpen):
            self.opened = True
        elif isinstance(body, (PolicyAdopt, PolicyRevoke)):
            self.standing.record(entry)
        elif isinstance(body, RunStart):
            self.runs[entry.run_id or ""] = _Run(body)
        elif isinstance(body, RunInputs):
            self.runs[entry.run_id or ""].committed = body
        elif isinstance(body, BudgetReserve):
            self.runs[entry.run_id or ""].spent = entry
        elif isinstance(body, (Release, RunEnd)):
            run = self.runs[entry.run_id or ""]
            run.ended = True
            if isinstance(body, Release) and run.periods:
                self.closed[body.policy, body.dataset] = run.periods[-1]

    @property
    def adopted(self) -> dict[str, PolicyAdopt]:
        """The policies that were adopted, by digest."""
        return self.standing.adopted

    def open_runs(self) -> tuple[str, ...]:
        """Return the ids of runs that have neither a release nor an end."""
        return tuple(run for run, state in self.runs.items() if not state.ended)

    def _check_adopt(self, body: PolicyAdopt) -> None:
        before = self.adopted.get(body.policy)
        if before is not None and before.model_copy(update={"approvals": body.approvals}) != body:
            raise LifecycleBroken("one policy digest stands for two different policies")
        _forbid(self.standing.to_adopting(body))

    def _check_reserve(self, body: BudgetReserve, run: _Run, at: str) -> None:
        self._same_study(body, run)
        _forbid(self.standing.to_using(body.policy))
        if run.spent:
            raise LifecycleBroken("a run spends once; a second spend needs a second run")
        self._check_forward(body, body.periods)
        # ISO dates compare as text.
        if self.adopted[body.policy].not_after < at:
            raise LifecycleBroken("the policy has expired, so nothing may be spent under it")

    def _check_release(self, body: Release, run: _Run) -> None:
        self._same_study(body, run)
        # What was paid for before a newer version came may leave; what was revoked may not.
        if body.policy in self.standing.revoked:
            _forbid(self.standing.to_using(body.policy))
        if not run.spent:
            raise LifecycleBroken("a release needs its spend before it")
        # INVARIANT: no model leaves that was not paid for as one.
        if not run.trained and any(output.name in MODEL_FILES for output in body.outputs):
            raise LifecycleBroken("a model is released by a run that paid for its training alone")
        self._check_forward(body, run.periods)

    def _check_forward(self, body: BudgetReserve | Release, periods: tuple[str, ...]) -> None:
        closed = self.closed.get((body.policy, body.dataset))
        # INVARIANT: a period that was released is never drawn again. Periods of one kind compare
        # as text; those of another kind are of another policy, since its digest covers the kind.
        if periods and closed is not None and periods[0] <= closed:
            raise LifecycleBroken("a period that was released is not released again")

    @staticmethod
    def _same_study(body: BudgetReserve | Release, run: _Run) -> None:
        if (body.policy, body.dataset) != (run.start.policy, run.start.dataset):
            raise LifecycleBroken("a run has one policy and one dataset")


def _forbid(objection: Objection | None) -> None:
    if objection is not None:
        raise LifecycleBroken(str(objection), hint=objection.hint)
