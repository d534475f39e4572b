"""The whole story of one study, on photos made on the spot: every step is the real one."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from engine.demo.photos import make_photos
from engine.demo.story import DEMO_BRANDS, REGIONS
from engine.demo.studying import Studied, studied
from engine.observer import Observer
from engine.redacted_copies import Copies, write_redacted_copies
from engine.setup import StudyTemplate, set_up
from engine.sources import FolderSource
from engine.statistics import ExpectedError, expected_error
from engine.workers import Workers
from policies.periods import days_of, months_between, week_of, weeks_between

CONTRIBUTORS = 100
MONTHS = 3
COPIES = 6
"""How many redacted copies are written for the eye."""


@dataclass(frozen=True)
class Told:
    """What the demo made, and where it lies."""

    done: Studied
    photos: Path
    months: tuple[str, ...]
    expected: tuple[ExpectedError, ...]
    copies: Copies


def months_before(today: date) -> tuple[str, ...]:
    """Return the last whole months, so that a first study of one's own can look at the photos."""
    last = today.replace(day=1) - timedelta(days=1)
    first = last
    for _ in range(MONTHS - 1):
        first = first.replace(day=1) - timedelta(days=1)
    return months_between(f"{first:%Y-%m}", f"{last:%Y-%m}")


def weeks_within(months: tuple[str, ...]) -> tuple[str, ...]:
    """Return the ISO weeks that lie in the months from their Monday to their Sunday."""
    first, last = days_of("month", months[0])[0], days_of("month", months[-1])[1]
    return weeks_between(week_of(first + timedelta(days=6)), week_of(last - timedelta(days=6)))


def tell(
    out: Path,
    workers: Workers,
    today: date,
    observer: Observer,
    *,
    contributors: int = CONTRIBUTORS,
) -> Told:
    """Make photos, set up, approve, run and verify; raise `PlaceTaken` where `out` is taken."""
    months = months_before(today)
    place = set_up(out, today, _template(months))
    photos = out / "photos"
    observer.stage("make photos")
    make_photos(
        photos,
        brands=DEMO_BRANDS,
        contributors=contributors,
        weeks=weeks_within(months),
        on_photo=observer.step,
    )
    done = studied(place, FolderSource(photos), workers, today, observer)
    copies = write_redacted_copies(
        done.rules, FolderSource(photos), out / "redacted", observer, at_most=COPIES
    )
    return Told(done, photos, months, expected_error(done.study), copies)


def _template(months: tuple[str, ...]) -> StudyTemplate:
    weeks = weeks_within(months)
    return StudyTemplate(
        id="demo-street-brands",
        statement="Show how a study of made-up photos goes from end to end.",
        dataset="demo-photos",
        collection="made-up",
        max_cells=3,
        total="8",
        per_release="4",
        statistics=(
            ("brand_overall", "brand", "1", "2"),
            # Months get the most of it: what the report is to show is a rise.
            ("brand_by_month", "brand, month", "2.7", "2"),
            ("posts_by_region", "region", "0.3", "1"),
        ),
        brands=DEMO_BRANDS,
        first_week=weeks[0],
        last_week=weeks[-1],
        more_dimensions=(
            f"  month:\n    from: {months[0]}\n    to: {months[-1]}\n"
            f"  region:\n    labels: [{', '.join(REGIONS)}]\n"
        ),
    )


def pivoted(table: pl.DataFrame, months: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return one row a brand: its noisy value in each month, as text."""
    by_month = table.filter(pl.col("statistic") == "brand_by_month")
    return [
        (
            brand,
            *(str(by_month.filter(brand=brand, month=month)["value"][0]) for month in months),
        )
        for brand in sorted(set(by_month["brand"]))
    ]
