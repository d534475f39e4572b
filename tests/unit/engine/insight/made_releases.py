"""Releases as the engine makes them, of people who are made up, with a policy and a log's facts."""

import os
from dataclasses import replace
from itertools import count

import polars as pl

from audit.runs import _MADE_HERE, Reservation
from engine.statistics import SIGHTING_SCHEMA, Release, Study, cost, cost_of, release
from policies.amounts import Delta, Epsilon, Rho
from policies.periods import monday
from tests.unit.engine.insight.made import everything

_entries = count(1)
RUN = "ab" * 16


def priced(price: Epsilon | Rho, of: Study | None = None) -> Study:
    study = of or everything()
    return replace(study, statistics=tuple(replace(s, price=price) for s in study.statistics))


def a_real_release(
    price: Epsilon | Rho, people: int = 500, of: Study | None = None, stated_at: Delta | None = None
) -> Release:
    """Release a study of everything; of the people one half shows more than the other."""
    study = priced(price, of)
    shown = {
        0: (("photo", ""), ("brand", "Nike"), ("scene", "beach")),
        1: (("photo", ""), ("brand", "Puma"), ("scene", "street")),
    }
    rows = [
        (f"c{n}", number, kind, label, monday(week), None, None)
        for n in range(people)
        for number, week in enumerate(("2026-W23", "2026-W24", "2026-W25")[: 1 + n % 3])
        for kind, label in shown[n % 2]
    ]
    reservation = Reservation(
        run=RUN,
        dataset="panel",
        policy="sha256:" + "0" * 64,
        loss=cost(study),
        statistics=tuple((s.id, cost_of(study, s)) for s in study.in_order()),
        entry_seq=1_000_000 + next(_entries),
        token=_MADE_HERE,
    )
    sightings = pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")
    return release(sightings, study, reservation, os.urandom(32), stated_at)
