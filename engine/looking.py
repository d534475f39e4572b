"""From what a source has to what was seen in it: the part of a run that takes long.

Photos are worked on in the order in which the source lists them, whatever process does it, and what
was seen is kept as a store keeps it: a run that was killed goes on after the photos that are done.
"""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import polars as pl

from engine.models_in_use import models_in_use
from engine.observer import Observer
from engine.photo_job import Looked, PhotoJob
from engine.provenance import source_digest
from engine.sources import SourcePhoto
from engine.statistics import HASHTAG_KIND, PHOTO_KIND, counted_once
from engine.store import (
    EncryptedStore,
    Fingerprint,
    MemoryStore,
    Row,
    SightingStore,
    StorePlace,
)
from engine.study import counts_photos_once, recognition_rules_of, redaction_rules_of
from engine.timed_job import Timed, TimedJob
from engine.workers import Workers
from policies.decision import StudyRules


@contextmanager
def kept(place: StorePlace | None, rules: StudyRules) -> Iterator[SightingStore]:
    """Yield where a run keeps what it sees: in memory, or encrypted at the place.

    What another policy, code or weights have left at the place is dropped. Raises `StoreUnusable`
    and `StoreUnwritable`.
    """
    if place is None:
        yield MemoryStore()
        return
    with EncryptedStore.taken(place, _name_of(rules)) as store:
        yield store


@dataclass(frozen=True)
class Looking:
    """What it takes to look at photos for one study."""

    rules: StudyRules
    workers: Workers
    store: SightingStore

    def look(self, photos: Sequence[SourcePhoto], observer: Observer) -> pl.DataFrame:
        """Return one row a sighting; a withheld or lost photo has none, and nobody is told.

        Photos of one contributor that look the same are one, where the policy says so.
        """
        done = self.store.begin(_digest_of(photos))
        observer.stage("redact and recognise", len(photos))
        for _ in range(done):
            observer.step()
        once = counts_photos_once(self.rules.policy)
        job = PhotoJob(redaction_rules_of(self.rules), recognition_rules_of(self.rules), once)
        results = self.workers.map(TimedJob(job), photos[done:], _lost)
        for number, result in enumerate(results, start=done):
            photo, looked = photos[number], result.looked
            self.store.add(list(_rows(number, photo, looked)), _fingerprint(number, photo, looked))
            seconds = {"redact": result.redact, "recognise": result.recognise}
            observer.worked(seconds, self.workers.flying)
            observer.step()
        seen = self.store.seen()
        return counted_once(seen.sightings, seen.fingerprints)


def _lost() -> Timed:
    """Stand for a photo that killed its process."""
    return Timed(None, 0.0, 0.0)


def _rows(number: int, photo: SourcePhoto, looked: Looked | None) -> Iterator[Row]:
    if looked is None:
        return
    # Its own row says that the photo was looked at, whatever was seen.
    shown = [(PHOTO_KIND, ""), *((seen.kind, seen.label) for seen in looked.labels)]
    shown += [(HASHTAG_KIND, tag) for tag in photo.hashtags]
    for kind, label in shown:
        yield photo.contributor, number, kind, label, photo.day, photo.region, photo.platform


def _fingerprint(number: int, photo: SourcePhoto, looked: Looked | None) -> Fingerprint | None:
    if looked is None or looked.fingerprint is None:
        return None
    return photo.contributor, number, looked.fingerprint


def _name_of(rules: StudyRules) -> bytes:
    """Return what names the rules, the code and the weights by which photos are looked at."""
    named = [rules.policy.digest, source_digest(), *models_in_use(rules).values()]
    return hashlib.sha256("\n".join(named).encode()).digest()


def _digest_of(photos: Sequence[SourcePhoto]) -> bytes:
    """Return what names the photos and what their rows say; only the store ever sees it."""
    name = hashlib.sha256()
    for photo in photos:
        row = (photo.file, photo.contributor, photo.day, photo.region, photo.platform)
        name.update(repr((*row, photo.hashtags)).encode(errors="surrogatepass") + b"\0")
    return name.digest()
