"""One training: from labelled photos to a private, proven head.

The order is that of a run (`engine.run`), and so is the promise:

1. verify the log and its witness; put a model in place that a killed training has paid for;
2. check the policy's period and approvals, and read labels, opt-out list and source: nothing is
   logged before all of them are known to be usable;
3. take up a training that was killed after it had paid; else begin one, and commit to its inputs;
4. redact and embed, photo by photo, in worker processes;
5. reserve the budget in the log, synced and witnessed; only then draw who takes part, and noise;
6. stage the head and its card, log their digests, prove them, rename into place.

Killed after the fifth, it goes on from the last step, with `--store`; without, what it spent is
lost.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from audit import Entry, Log, RunHandle, Trust
from audit.commitments import destroy, expired_runs
from engine.finishing import MODEL, Published, already_published, put_in_place
from engine.intake import OptOutPlace, take_in
from engine.learning.card import card_of
from engine.learning.checkpoint import TrainingStore, discard, kept
from engine.learning.descent import descend
from engine.learning.figures import Figures, figures
from engine.learning.files import CARD_FILE, head_bytes, record_of, write_all
from engine.learning.going_on import gone_on_with, saying_what_is_spent
from engine.learning.interface import Examples, Floats, Recipe, State
from engine.learning.labels import Labels, read_labels, require_there
from engine.learning.lessons import Lessons, examples_of, others_of, read_lessons
from engine.learning.packing import Paid
from engine.learning.recipe import figures_law, price_of, recipe_of, training_of
from engine.models_in_use import models_in_training
from engine.observer import Observer, Silence
from engine.permission import adopt, permitted_by, require_spendable, run_start
from engine.provenance import source_digest
from engine.publishing import OutputPlace
from engine.recognition.learned.points import digests_of
from engine.sources import Source
from engine.store import StorePlace
from engine.workers import Workers
from policies.amounts import Loss
from policies.canonical import digest_of_bytes
from policies.decision import ApprovedRules, StudyRules, load_rules


@dataclass(frozen=True)
class TrainRequest:
    """What to train, with what, and where to."""

    policy: Path
    source: Source
    labels: Path
    log: Path
    trust: Path
    out: Path
    workers: Workers
    today: date
    """The UTC date of the command's start: all of the time that reaches the log."""
    identities: Path | None = None
    """Which accounts are one person's, where the policy joins them by a map."""
    optouts: OptOutPlace | None = None
    """Who objects, where the policy demands that they are left out."""
    store: StorePlace | None = None
    """Where what is done so far is kept, encrypted, so that a killed training goes on."""


def train(request: TrainRequest, observer: Observer | None = None) -> Published:
    """Do one training, or finish one that was killed after it had paid.

    Raises the errors of `policies`, `audit`, `engine.sources`, `engine.learning` and
    `engine.store`; each names its exit code. Nothing of the photos is in any of them.
    """
    observer = observer or Silence()
    observer.stage("verify the log")
    trust = Trust.load(request.trust)
    log = Log.open(request.log, trust, request.today)
    rules = load_rules(request.policy)
    recipe = recipe_of(rules)
    place = OutputPlace(request.out)
    with place.taken():
        done = already_published(place, log, rules, model=True)
        if done is not None:
            if request.store is not None:
                discard(request.store)
            return done
        permitted = permitted_by(rules, trust, request.today)
        door = take_in(rules.policy, request.optouts, request.today)
        labels = read_labels(request.labels, recipe, nothing_else=others_of(rules, recipe) is None)
        require_there(labels, request.source)
        with kept(request.store, _name_of(rules, labels)) as store:
            observer.stage("read the source")
            lessons = read_lessons(
                request.source, request.identities, rules, recipe, labels, door, store
            )
            # INVARIANT: a training that has paid is taken up before runs that nobody holds are
            # ended, and after all that can refuse to go on with it.
            handle = gone_on_with(log, store, observer)
            log.end_dangling_runs()
            destroy(log.path, expired_runs(log.path, request.today))
            if handle is None:
                handle = _begun(log, permitted)
            with handle, saying_what_is_spent(handle, goes_on=request.store is not None):
                if handle.committed is None:
                    # INVARIANT: what is read is committed to before a photo of it is opened.
                    door.commit(handle, lessons.photos, rules.policy.dimensions.days)
                entry = _trained(handle, request, rules, recipe, lessons, store, place, observer)
            published = put_in_place(place, log, entry, "published")
            store.destroy()
            return published


def _begun(log: Log, permitted: ApprovedRules) -> RunHandle:
    """Begin a run; raises where the log or the policy would refuse it later on."""
    rules = permitted.rules
    price = price_of(rules).values()
    require_spendable(log, permitted, sum(price, Loss.zero(rules.policy.budget.accounting)))
    adopt(log, permitted)
    return log.start_run(run_start(rules, models_in_training(rules)))


def _trained(
    handle: RunHandle,
    request: TrainRequest,
    rules: StudyRules,
    recipe: Recipe,
    lessons: Lessons,
    store: TrainingStore,
    place: OutputPlace,
    observer: Observer,
) -> Entry:
    examples = examples_of(lessons, recipe, request.workers, store, observer)
    if handle.reservation is None:
        observer.stage("reserve the budget")
        # INVARIANT: the store names the run before anything is reserved for it.
        store.note(Paid(handle.run))
        accounting = rules.policy.budget.accounting
        handle.reserve(price_of(rules), accounting=accounting, training=training_of(rules))
    head, told = _drawn(handle, rules, recipe, examples, lessons.others, store, observer)
    observer.stage("publish")
    nets = digests_of(recipe.kind, lessons.job.embedding)
    record = record_of(rules, recipe, nets, head.shape[1])
    data = head_bytes(record, head)
    card = card_of(rules, recipe, record, digest_of_bytes(data), told)
    staged = place.stage(handle.run)
    return handle.release(write_all(staged, {MODEL: data, CARD_FILE: card.encode()}))


def _drawn(
    handle: RunHandle,
    rules: StudyRules,
    recipe: Recipe,
    examples: Examples,
    others: Floats,
    store: TrainingStore,
    observer: Observer,
) -> tuple[Floats, Figures | None]:
    """Return the head and the card's figures, which a killed training may have drawn already."""
    paid, law = store.paid, figures_law(rules)
    assert paid is not None
    assert handle.reservation is not None
    if paid.head is not None:
        return paid.head, None if paid.figures is None else Figures(*paid.figures)
    observer.stage("train", recipe.steps)
    for _ in range(0 if paid.state is None else paid.state.step):
        observer.step()

    def save(state: State) -> None:
        store.note(Paid(handle.run, state))

    head = descend(
        examples,
        others,
        recipe,
        handle.reservation,
        state=paid.state,
        save=save,
        observer=lambda _done, _steps: observer.step(),
    )
    told = None if law is None else figures(examples, head, law)
    # INVARIANT: whatever was drawn is kept before any of it is staged, and never drawn again.
    drawn = None if told is None else (told.contributors, told.told_right)
    store.note(Paid(handle.run, None, head, drawn))
    return head, told


def _name_of(rules: StudyRules, labels: Labels) -> bytes:
    """Return what names the rules, labels, code and weights by which photos are looked at."""
    named = [rules.policy.digest, labels.digest, source_digest()]
    named += models_in_training(rules).values()
    return hashlib.sha256("\n".join(named).encode()).digest()
