"""Subjects of reports: a table made by hand, a real policy, and what a log might say."""

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

import policies
from engine.insight.report import LogFacts, Subject
from engine.statistics import privacy_label
from engine.statistics.interface import Study
from policies.amounts import Delta, Epsilon, Loss
from policies.policy import Policy, load_policy
from tests.unit.engine.insight.made import everything, table
from tests.unit.engine.insight.made_releases import RUN, a_real_release


@cache
def policy() -> Policy:
    return load_policy(Path(policies.__file__).parent / "library" / "classroom.yaml")


def _loss(epsilon: str) -> Loss:
    return Loss(Epsilon.parse(epsilon), Delta.parse("1e-12"))


FACTS = LogFacts(
    "crowdlens/" + "cd" * 16,
    RUN,
    "2026-11-27",
    (("reviewer", "ed25519:" + "12" * 32), ("steward", "ed25519:" + "34" * 32)),
    _loss("10"),
    _loss("2"),
    _loss("3"),
    _loss("5"),
)


def subject(
    made: pl.DataFrame | None = None,
    study: Study | None = None,
    log: LogFacts | None = FACTS,
    **changed: Any,
) -> Subject:
    """Return a subject; by default of a study of everything, with counts of 200."""
    of = study or everything()
    released = a_real_release(Epsilon.parse("4"), people=10)
    label = privacy_label(replace(released, study=of), "test")
    whole = Subject(
        table(of, lambda *_: 200) if made is None else made, of, (label,), policy(), {}, log
    )
    return replace(whole, **changed)
