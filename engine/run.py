"""One run: from photos to a private, proven release.

The order is the promise (design, "Order of a run"):

1. verify the log and its witness; put a release in place that a killed run has paid for;
2. check the policy's period and approvals, and that the budget can pay;
3. read the opt-out list, where the policy demands one, then the source's manifest: nothing of a
   run is logged before it is known to be usable; who objects is left out, and what is let in is
   committed to;
4. redact and recognise, photo by photo, in worker processes; sightings stay in memory, or
   encrypted where the run is to survive a kill;
5. reserve the budget in the log, synced and witnessed; only then draw noise;
6. stage the release, log its digests, prove them, rename into place.

Killed at any point, what was spent is never less than what was published, and the same command
goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Literal

import polars as pl

from audit import (
    Code,
    Entry,
    Log,
    LogCut,
    Named,
    PolicyAdopt,
    RunHandle,
    RunStart,
    Trust,
    WitnessMissing,
    fold,
    prove,
    verify_release,
)
from audit.bodies import Release
from audit.commitments import destroy, expired_runs
from audit.ledger import require_affordable, require_declared
from engine.adoption import adoption, require_in_use
from engine.demo.crowd import Crowd
from engine.errors import OutputTaken
from engine.insight.files import write_reading
from engine.insight.report.files import write_report
from engine.installment import Installment, StatePlace, installment
from engine.intake import Intake, OptOutPlace, take_in
from engine.looking import Looking, kept
from engine.models_in_use import models_in_use, require_pinned
from engine.observer import Observer, Silence
from engine.provenance import source_digest, version
from engine.publishing import OutputPlace
from engine.recognisers import ready
from engine.release_facts import log_facts, subject_of
from engine.sources import Countries, Persons, Source, read_identities
from engine.statistics import Study, release, write
from engine.store import SightingStore, StorePlace, discard
from engine.study import approved_by, recognition_rules_of, study_of
from engine.workers import Workers
from policies.amounts import Loss
from policies.decision import ApprovedRules, StudyRules, load_rules
from policies.errors import PolicyRefuses
from policies.policy import Policy

Outcome = Literal["published", "finished", "already there"]


@dataclass(frozen=True)
class RunRequest:
    """What to run, with what, and where to."""

    policy: Path
    source: Source | Crowd
    """Where the photos are; or, under a policy for made-up ones, a crowd that never was."""
    log: Path
    trust: Path
    out: Path
    workers: Workers
    today: date
    """The UTC date of the command's start: all of the time that reaches the log."""
    through: str | None = None
    """Of a continual study, the last period to release; None for every one that has ended."""
    state: StatePlace | None = None
    """Where a continual study's running totals go on from."""
    identities: Path | None = None
    """Which accounts are one person's, where the policy joins them by a map."""
    optouts: OptOutPlace | None = None
    """Who objects, where the policy demands that the run leaves them out."""
    store: StorePlace | None = None
    """Where sightings are kept, encrypted, so that a killed run goes on; None for in memory."""


@dataclass(frozen=True)
class Published:
    """A release in its place."""

    out: Path
    run: str
    outcome: Outcome
    """`finished`: a killed run had paid for it; `already there`: nothing was to be done."""
    cost: Loss
    remaining: Loss
    """What the dataset has left."""


def run(request: RunRequest, observer: Observer | None = None) -> Published:
    """Do one run, or finish one that was killed after it had paid.

    Raises the errors of `policies`, `audit`, `engine.sources` and `engine.statistics`; each names
    its exit code. Nothing of the data is in any of them.
    """
    observer = observer or Silence()
    observer.stage("verify the log")
    trust = Trust.load(request.trust)
    log = Log.open(request.log, trust, request.today)
    rules = load_rules(request.policy)
    study = study_of(rules)
    place = OutputPlace(request.out)
    with place.taken():
        log.end_dangling_runs()
        destroy(log.path, expired_runs(log.path, request.today))
        done = _already_published(place, log, log.trust, rules)
        if done is not None:
            if request.store is not None:
                discard(request.store)
            return done
        permitted = _permitted(rules, trust, request.today)
        door = take_in(rules.policy, request.optouts, request.today)
        with kept(request.store, rules) as store:
            own = store.keys.contributors
            part = installment(
                rules, study, log, request.today, own, request.through, request.state
            )
            with part.taken(study):
                published = _fresh(
                    request, permitted, door, study, part, store, log, place, observer
                )
            store.destroy()
            return published


def _already_published(
    place: OutputPlace, log: Log, trust: Trust, rules: StudyRules
) -> Published | None:
    """Return the release that is in its place, or that a killed run has paid for and staged."""
    empty = place.is_empty()
    paid = {entry.run_id: entry for entry in log.entries() if isinstance(entry.body, Release)}
    for run_id in place.staged_runs():
        found = paid.get(run_id)
        if found is None or not empty:
            # Noise that was never logged was never published: nobody may see it.
            place.discard(run_id)
            continue
        body = _release_of(found, rules)
        place.require_staged(run_id, {output.name: output.digest for output in body.outputs})
        return _put_in_place(place, log, found, "finished")
    if empty:
        return None
    entry = verify_release(place.out, trust)
    logged = log.entries()[entry.seq : entry.seq + 1]
    if [e.line() for e in logged] != [entry.line()]:
        raise LogCut(
            "the log has lost the release that is in the output directory",
            hint="Its proof, release.tlog-proof, shows that the log and its witness once had it.",
        )
    _release_of(entry, rules)
    return _published(place, log, entry, "already there")


def _release_of(entry: Entry, rules: StudyRules) -> Release:
    """Return what the entry records; raise `OutputTaken` for a release under other rules."""
    assert isinstance(entry.body, Release)
    if entry.body.policy != rules.policy.digest:
        raise OutputTaken(
            "the output directory belongs to a release under another policy",
            hint="Give a new --out.",
        )
    return entry.body


def _permitted(rules: StudyRules, trust: Trust, today: date) -> ApprovedRules:
    if rules.policy.policy_class != "test" and trust.quorum < 1:
        raise WitnessMissing(
            f"a {rules.policy.policy_class} policy needs a witnessed log",
            hint="Set quorum to 1 or more in the trust file, with a witness in another place.",
        )
    require_pinned(rules)
    return approved_by(rules, trust, today)


def _fresh(
    request: RunRequest,
    permitted: ApprovedRules,
    door: Intake,
    study: Study,
    part: Installment,
    store: SightingStore,
    log: Log,
    place: OutputPlace,
    observer: Observer,
) -> Published:
    rules = permitted.rules
    price = part.costs(study)
    _require_same_class(log, rules.policy)
    require_in_use(log, permitted)
    _require_budget(log, rules, sum(price.values(), Loss.zero(study.accounting)))
    look = _opened(request, rules, door, study, part, store, observer)
    log.declare_dataset(rules.policy.dataset.id, rules.policy.budget.total.loss)
    _adopt(log, permitted)
    with log.start_run(_run_start(request, rules)) as handle:
        sightings = look(handle)
        observer.stage("reserve the budget")
        reservation = handle.reserve(price, part.periods, study.accounting)
        observer.stage("draw noise and publish")
        released = release(
            sightings,
            study,
            reservation,
            store.keys.ranks,
            rules.policy.budget.stated_at,
            part.continuation,
        )
        staged = place.stage(handle.run)
        digests = write(
            released,
            staged,
            rules.policy.release.formats,
            policy_class=rules.policy.policy_class,
        )
        read = write_reading(staged, released.table, released.study)
        facts = log_facts(log.trust.log.name, log.entries(), handle.run)
        report = write_report(staged, subject_of(released, rules, facts))
        entry = handle.release(dict((*digests, read, report)))
    return _put_in_place(place, log, entry, "published")


def _opened(
    request: RunRequest,
    rules: StudyRules,
    door: Intake,
    study: Study,
    part: Installment,
    store: SightingStore,
    observer: Observer,
) -> Callable[[RunHandle], pl.DataFrame]:
    """Return what gives the sightings, once it is known that the source can be used."""
    source = request.source
    if isinstance(source, Crowd):
        _require_made_up(source, rules.policy)
        observer.stage("make sightings up")

        def make_up(handle: RunHandle) -> pl.DataFrame:
            # No row is read, and that is what the run commits to.
            door.commit(handle, (), part.days)
            return source.sightings(*part.days, part.contributor_key)

        return make_up
    ready(recognition_rules_of(rules))
    observer.stage("read the source")
    persons = _persons(rules.policy, request.identities)
    photos = source.photos(
        *part.days,
        part.contributor_key,
        persons,
        hashtags=bool(study.found),
        admission=door.admission,
        countries=_countries(rules.policy),
    )

    def look(handle: RunHandle) -> pl.DataFrame:
        # INVARIANT: what is read is committed to before a photo of it is opened.
        door.commit(handle, photos, part.days)
        return Looking(rules, request.workers, store).look(photos, observer)

    return look


def _require_made_up(crowd: Crowd, policy: Policy) -> None:
    """Refuse a crowd under rules for anything else.

    INVARIANT: sightings come from redacted photos, or from a `Crowd` itself, which makes them of
    three numbers; never from a class that is made of it and could bring rows of its own.
    """
    made_up = policy.policy_class == "test" and policy.dataset.collection == "made-up"
    if type(crowd) is not Crowd or not made_up:
        raise PolicyRefuses(
            "PL-CLASS-003",
            "a made-up crowd is for class test and a dataset that says that it is made up",
            hint="Write class: test and collection: made-up, or give photos.",
        )


def _persons(policy: Policy, file: Path | None) -> Persons | None:
    """Return the identity map that the policy asks for, and no other."""
    if (policy.privacy_unit.identities == "map") != (file is not None):
        raise PolicyRefuses(
            "PL-UNIT-001",
            "the policy's privacy_unit.identities and --identities do not agree",
            hint="Give the map exactly where the policy says `identities: map`.",
        )
    return None if file is None else read_identities(file)


def _countries(policy: Policy) -> Countries | None:
    """Return the countries that coordinates may be read for: none where no policy asks."""
    named = policy.dimensions.countries
    return Countries(named) if named else None


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


def _adopt(log: Log, permitted: ApprovedRules) -> None:
    log.adopt_policy(adoption(permitted.rules, permitted.approvals))


def _run_start(request: RunRequest, rules: StudyRules) -> RunStart:
    # A crowd's run names no model: that no photo was looked at is in the log.
    used = {} if isinstance(request.source, Crowd) else models_in_use(rules)
    return RunStart(
        policy=rules.policy.digest,
        dataset=rules.policy.dataset.id,
        code=Code(version=version(), source=source_digest()),
        models=tuple(Named(name=name, digest=digest) for name, digest in used.items()),
    )


def _put_in_place(place: OutputPlace, log: Log, entry: Entry, outcome: Outcome) -> Published:
    proof = prove(log.path, log.trust, entry.seq)
    place.publish(entry.run_id or "", proof.to_bytes(), entry.day)
    return _published(place, log, entry, outcome)


def _published(place: OutputPlace, log: Log, entry: Entry, outcome: Outcome) -> Published:
    assert isinstance(entry.body, Release)
    account = log.account(entry.body.dataset)
    spent = next(s.loss for s in account.reservations if s.run == entry.run_id)
    return Published(place.out, entry.run_id or "", outcome, spent, account.remaining)
