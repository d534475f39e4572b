from collections.abc import Callable
from pathlib import Path

import pytest

from policies.catalogue import load_catalogue

CATALOGUE = """\
- name: Brightwater
  aliases: [Bright Water]
  category: coffee
- name: Kestrel
  parent: Brightwater
- name: Élan
"""

POLICY = """\
schema: crowdlens-policy/v1
id: street-brands
version: 1
class: test
purpose:
  statement: Measure how often brands are seen in the street.
validity: {not_before: 2026-01-01, not_after: 2026-12-31}
approvals: {steward: 1, reviewer: 1}
dataset: {id: ds-street, collection: made-up}
contributions: {max_cells: 8}
budget:
  total: {epsilon: "4", delta: "1e-6"}
  per_release: {epsilon: "1", delta: "1e-7"}
statistics:
  - {id: brand_by_week, by: [brand, week], epsilon: "1"}
dimensions:
  brand: {catalogue: catalogue.yaml, digest: DIGEST}
  week: {from: 2026-W23, to: 2026-W30}
"""

Writer = Callable[..., Path]


@pytest.fixture
def write_policy(tmp_path: Path) -> Writer:
    """Write a valid policy and its catalogue, with replacements in the policy's text."""

    def write(*replacements: tuple[str, str]) -> Path:
        catalogue = tmp_path / "catalogue.yaml"
        catalogue.write_text(CATALOGUE, encoding="utf-8")
        text = POLICY.replace("DIGEST", load_catalogue(catalogue).digest)
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        path = tmp_path / "study.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
