"""The whole story of one study, on photos made on the spot: every step is the real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from engine.demo.photos import make_photos
from engine.demo.story import DEMO_BRANDS
from engine.demo.studying import Studied, studied
from engine.observer import Observer
from engine.redacted_copies import Copies, write_redacted_copies
from engine.setup import StudyTemplate, set_up
from engine.sources import FolderSource
from engine.statistics import ExpectedError, expected_error
from engine.workers import Workers
from policies.periods import weeks_between

CONTRIBUTORS = 60
DEMO_WEEKS = weeks_between("2026-W23", "2026-W30")
COPIES = 6
"""How many redacted copies are written for the eye."""


@dataclass(frozen=True)
class Told:
    """What the demo made, and where it lies."""

    done: Studied
    photos: Path
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
    done = studied(place, FolderSource(photos), workers, today, observer)
    copies = write_redacted_copies(
        done.rules, FolderSource(photos), out / "redacted", observer, at_most=COPIES
    )
    return Told(done, photos, expected_error(done.study), copies)


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
