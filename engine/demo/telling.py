"""The whole story of one study, on photos made on the spot: every step is the real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from audit import Trust, Verification, verify
from audit.keys import load_key
from engine.demo.photos import make_photos
from engine.demo.story import DEMO_BRANDS
from engine.observer import Observer
from engine.redacted_copies import Copies, write_redacted_copies
from engine.run import Published, RunRequest, run
from engine.setup import ROLES, Place, StudyTemplate, set_up
from engine.sources import FolderSource
from engine.statistics import ExpectedError, expected_error
from engine.study import study_of
from engine.workers import Workers
from policies.approvals import approvals_path, approve, write_approvals
from policies.decision import load_rules
from policies.periods import weeks_between

CONTRIBUTORS = 60
DEMO_WEEKS = weeks_between("2026-W23", "2026-W30")
COPIES = 6
"""How many redacted copies are written for the eye."""


@dataclass(frozen=True)
class Told:
    """What the demo made, and where it lies."""

    place: Place
    photos: Path
    published: Published
    verification: Verification
    table: pl.DataFrame
    expected: tuple[ExpectedError, ...]
    copies: Copies


def tell(
    out: Path,
    workers: Workers,
    today: date,
    observer: Observer,
    *,
    contributors: int = CONTRIBUTORS,
) -> Told:
    """Make photos, set up, approve, run and verify; raise `PlaceTaken` where `out` is taken."""
    place = set_up(out, today, _template())
    photos = out / "photos"
    observer.stage("make photos")
    make_photos(
        photos,
        brands=DEMO_BRANDS,
        contributors=contributors,
        weeks=DEMO_WEEKS,
        on_photo=observer.step,
    )
    observer.stage("approve the policy", len(ROLES))
    rules = load_rules(place.policy)
    trust = Trust.load(place.trust)
    envelopes = []
    for role in ROLES:
        envelopes.append(approve(rules.policy, role, load_key(place.key(role)), trust.log.name))
        observer.step()
    write_approvals(approvals_path(place.policy), envelopes)
    release = out / "release"
    request = RunRequest(
        policy=place.policy,
        source=FolderSource(photos),
        log=place.log,
        trust=place.trust,
        out=release,
        workers=workers,
        today=today,
    )
    published = run(request, observer)
    observer.stage("verify the log")
    verification = verify(place.log, trust, releases=[release])
    copies = write_redacted_copies(
        rules, FolderSource(photos), out / "redacted", observer, at_most=COPIES
    )
    table = pl.read_parquet(release / "release.parquet")
    return Told(
        place, photos, published, verification, table, expected_error(study_of(rules)), copies
    )


def _template() -> StudyTemplate:
    return StudyTemplate(
        id="demo-street-brands",
        statement="Show how a study of made-up photos goes from end to end.",
        dataset="demo-photos",
        collection="made-up",
        max_cells=3,
        total="6",
        per_release="3",
        statistics=(
            ("brand_overall", "brand", "1.5"),
            ("brand_by_week", "brand, week", "1.5"),
        ),
        brands=DEMO_BRANDS,
        first_week=DEMO_WEEKS[0],
        last_week=DEMO_WEEKS[-1],
    )


def pivoted(table: pl.DataFrame, weeks: Sequence[str]) -> list[tuple[str, ...]]:
    """Return one row a brand: its noisy value in each week, as text."""
    by_week = table.filter(pl.col("statistic") == "brand_by_week")
    return [
        (
            brand,
            *(
                str(by_week.filter(pl.col("brand") == brand, pl.col("week") == week)["value"][0])
                for week in weeks
            ),
        )
        for brand in sorted(set(by_week["brand"]))
    ]
