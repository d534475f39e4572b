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

import polars as pl

from audit import Log, RunHandle, RunStart, Trust
from audit.commitments import destroy, expired_runs
from engine.demo.crowd import Crowd
from engine.finishing import Published, already_published, put_in_place
from engine.insight.files import write_reading
from engine.insight.report.files import write_report
from engine.installment import Installment, StatePlace, installment
from engine.intake import Intake, OptOutPlace, countries_of, persons_of, take_in
from engine.looking import Looking, kept
from engine.models_in_use import models_in_use
from engine.observer import Observer, Silence
from engine.permission import adopt, permitted_by, require_spendable, run_start
from engine.publishing import OutputPlace
from engine.recognisers import ready
from engine.release_facts import log_facts, subject_of
from engine.sources import Source
from engine.statistics import Study, release, write
from engine.store import SightingStore, StorePlace, discard
from engine.study import recognition_rules_of, study_of
from engine.workers import Workers
from policies.amounts import Loss
from policies.decision import ApprovedRules, StudyRules, load_rules
from policies.errors import PolicyRefuses
from policies.policy import Policy


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
        done = already_published(place, log, rules)
        if done is not None:
            if request.store is not None:
                discard(request.store)
            return done
        permitted = permitted_by(rules, trust, request.today)
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
    require_spendable(log, permitted, sum(price.values(), Loss.zero(study.accounting)))
    look = _opened(request, rules, door, study, part, store, observer)
    adopt(log, permitted)
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
    return put_in_place(place, log, entry, "published")


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
    persons = persons_of(rules.policy, request.identities)
    photos = source.photos(
        *part.days,
        part.contributor_key,
        persons,
        hashtags=bool(study.found),
        admission=door.admission,
        countries=countries_of(rules.policy),
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


def _run_start(request: RunRequest, rules: StudyRules) -> RunStart:
    # A crowd's run names no model: that no photo was looked at is in the log.
    return run_start(rules, {} if isinstance(request.source, Crowd) else models_in_use(rules))
