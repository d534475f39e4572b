"""The end of a run: its release in its place, put there by it or by the next that is given.

A run that was killed after it had paid for what it staged is finished by the next one.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from audit import Entry, Log, LogCut, prove, verify_release
from audit.bodies import Release
from engine.errors import OutputTaken
from engine.publishing import OutputPlace
from policies.amounts import Loss
from policies.decision import StudyRules

Outcome = Literal["published", "finished", "already there"]
MODEL: Final = "model.safetensors"
"""The file by which a model's release is told from a study's."""


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


def already_published(
    place: OutputPlace, log: Log, rules: StudyRules, *, model: bool = False
) -> Published | None:
    """Return the release that is in its place, or that a killed run has paid for and staged.

    `model` says whether it is to be a model's. Raises `OutputTaken` for another release, `LogCut`
    for one that the log does not have.
    """
    empty = place.is_empty()
    paid = {entry.run_id: entry for entry in log.entries() if isinstance(entry.body, Release)}
    for run_id in place.staged_runs():
        found = paid.get(run_id)
        if found is None or not empty:
            # Noise that was never logged was never published: nobody may see it.
            place.discard(run_id)
            continue
        body = _release_of(found, rules, model=model)
        place.require_staged(run_id, {output.name: output.digest for output in body.outputs})
        return put_in_place(place, log, found, "finished")
    if empty:
        return None
    entry = verify_release(place.out, log.trust)
    logged = log.entries()[entry.seq : entry.seq + 1]
    if [e.line() for e in logged] != [entry.line()]:
        raise LogCut(
            "the log has lost the release that is in the output directory",
            hint="Its proof, release.tlog-proof, shows that the log and its witness once had it.",
        )
    _release_of(entry, rules, model=model)
    return _published(place, log, entry, "already there")


def _release_of(entry: Entry, rules: StudyRules, *, model: bool) -> Release:
    """Return what the entry records; raise `OutputTaken` for another sort, or other rules."""
    assert isinstance(entry.body, Release)
    if entry.body.policy != rules.policy.digest:
        raise OutputTaken(
            "the output directory belongs to a release under another policy",
            hint="Give a new --out.",
        )
    if (MODEL in {output.name for output in entry.body.outputs}) != model:
        raise OutputTaken(
            "the output directory belongs to a release of another sort",
            hint="Give a new --out: `run` and `train` each publish into one of their own.",
        )
    return entry.body


def put_in_place(place: OutputPlace, log: Log, entry: Entry, outcome: Outcome) -> Published:
    """Publish what is staged, with the proof of its entry."""
    proof = prove(log.path, log.trust, entry.seq)
    place.publish(entry.run_id or "", proof.to_bytes(), entry.day)
    return _published(place, log, entry, outcome)


def _published(place: OutputPlace, log: Log, entry: Entry, outcome: Outcome) -> Published:
    assert isinstance(entry.body, Release)
    account = log.account(entry.body.dataset)
    spent = next(s.loss for s in account.reservations if s.run == entry.run_id)
    return Published(place.out, entry.run_id or "", outcome, spent, account.remaining)
