"""From a place that is set up to a proven release: approve, run, verify, as people would."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from audit import Trust, Verification, verify
from audit.keys import load_key
from engine.demo.crowd import Crowd
from engine.finishing import Published
from engine.observer import Observer
from engine.run import RunRequest, run
from engine.setup import ROLES, Place
from engine.sources import Source
from engine.statistics import Study
from engine.study import study_of
from engine.workers import Workers
from policies.approvals import approvals_path, approve, write_approvals
from policies.decision import StudyRules, load_rules


@dataclass(frozen=True)
class Studied:
    """A study of the demo's that is done, and where it lies."""

    place: Place
    rules: StudyRules
    study: Study
    published: Published
    verification: Verification
    table: pl.DataFrame

    @property
    def report(self) -> Path | None:
        """The release's report, where the run wrote one."""
        file = self.published.out / "report.html"
        return file if file.is_file() else None


def studied(
    place: Place, source: Source | Crowd, workers: Workers, today: date, observer: Observer
) -> Studied:
    """Approve the policy in every role, run it on the source, and verify the log."""
    observer.stage("approve the policy", len(ROLES))
    rules, trust = load_rules(place.policy), Trust.load(place.trust)
    envelopes = []
    for role in ROLES:
        envelopes.append(approve(rules.policy, role, load_key(place.key(role)), trust.log.name))
        observer.step()
    write_approvals(approvals_path(place.policy), envelopes)
    request = RunRequest(
        policy=place.policy,
        source=source,
        log=place.log,
        trust=place.trust,
        out=place.root / "release",
        workers=workers,
        today=today,
    )
    published = run(request, observer)
    observer.stage("verify the log")
    verification = verify(place.log, trust, releases=[published.out])
    table = pl.read_parquet(published.out / "release.parquet")
    return Studied(place, rules, study_of(rules), published, verification, table)
