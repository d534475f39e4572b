"""The study of a made-up crowd: its policy and its catalogue, as text that a person can read."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from engine.demo.crowd import Crowd
from engine.demo.crowd_world import BRANDS, INTERESTS, PLATFORMS, REGIONS, SCENES
from policies.periods import days_of

DATASET: Final = "made-up-crowd"

_POLICY: Final = """\
# yaml-language-server: $schema=policy.v1.json
# A made-up study: {contributors} contributors who never were, over {weeks} weeks, without a photo.
# Its rules are real ones, and are kept as those of any study.
schema: crowdlens-policy/v1
id: made-up-crowd
version: 1
class: test

purpose:
  statement: Show what a study of made-up contributors lets one say, and how sure one can be.
  prohibited_uses: [individual-decisions, re-identification, face-recognition]

validity:
  not_before: {not_before}
  not_after: {not_after}

approvals:
  steward: 1
  reviewer: 1

dataset:
  id: {dataset}
  collection: made-up

contributions:
  max_cells: 8

# In rho, since contributors touch many cells; `crowdlens policy plan` compares it with epsilon.
budget:
  accounting: zcdp
  total: {{rho: "0.5", delta: "1e-6"}}
  per_release: {{rho: "0.175", delta: "1e-7"}}

statistics:
  # How many there are, and what they show.
  - {{id: crowd, by: [], rho: "0.001", max_cells: 1}}
  - {{id: brands, by: [brand], rho: "0.012"}}
  - {{id: scenes, by: [scene], rho: "0.004"}}
  - {{id: interests, by: [interest], rho: "0.004"}}
  - {{id: photos, kind: photos, clip: 3, by: [brand], rho: "0.008"}}
  - {{id: best, kind: top, k: 5, by: [brand], rho: "0.002", max_cells: 1}}
  # How that changes.
  - {{id: brands_by_month, by: [brand, month], rho: "0.04", max_cells: 14}}
  - {{id: brands_by_week, by: [brand, week], rho: "0.03", max_cells: 14}}
  - {{id: categories_by_week, by: [category, week], rho: "0.012", max_cells: 14}}
  - {{id: scenes_by_month, by: [scene, month], rho: "0.014", max_cells: 14}}
  - {{id: people_so_far, kind: running-total, by: [brand, month], rho: "0.006"}}
  # Where, and what goes together.
  - {{id: brands_by_region, by: [brand, region], rho: "0.01"}}
  - {{id: brands_together, kind: together, by: [brand, with_brand], rho: "0.012", max_cells: 5}}
  - {{id: brands_in_scenes, kind: together, by: [brand, with_scene], rho: "0.013"}}
  - {{id: brands_and_interests, kind: together, by: [brand, with_interest], rho: "0.007"}}

dimensions:
  brand:
    catalogue: catalogue.yaml
    digest: {digest}
  scene:
    labels: [{scenes}]
  interest:
    labels: [{interests}]
  week:
    from: {first_week}
    to: {last_week}
  month:
    from: {first_month}
    to: {last_month}
  region:
    labels: [{regions}]
  platform:
    labels: [{platforms}]

release:
  recipients: [whoever wants to look]
"""


@dataclass(frozen=True)
class CrowdStudy:
    """What a place for the study of a crowd is filled with."""

    crowd: Crowd

    @property
    def catalogue(self) -> str:
        """The catalogue file."""
        return "# Made-up brands; no company or product is meant.\n" + "".join(
            f"- {{name: {brand.name}, category: {brand.category}}}\n" for brand in BRANDS
        )

    def policy(self, today: date, digest: str) -> str:
        """The policy file, for a catalogue with this digest."""
        weeks = self.crowd.week_keys
        first, last = _whole_months(days_of("week", weeks[0])[0], days_of("week", weeks[-1])[1])
        return _POLICY.format(
            contributors=self.crowd.contributors,
            weeks=self.crowd.weeks,
            not_before=today.isoformat(),
            not_after=(today + timedelta(days=365)).isoformat(),
            dataset=DATASET,
            digest=digest,
            scenes=", ".join(SCENES),
            interests=", ".join(INTERESTS),
            first_week=weeks[0],
            last_week=weeks[-1],
            first_month=_month(first),
            last_month=_month(last),
            regions=", ".join(REGIONS),
            platforms=", ".join(PLATFORMS),
        )


def _whole_months(first: date, last: date) -> tuple[date, date]:
    """Return a day of the first month and of the last, less those that lack a week or so.

    A month that the crowd has touched on some days only would look like a rise or a fall.
    """
    begins = first + timedelta(days=6)
    ends = (last + timedelta(days=6)).replace(day=1) - timedelta(days=1)
    return begins, max(begins, ends)


def _month(day: date) -> str:
    return f"{day:%Y-%m}"
