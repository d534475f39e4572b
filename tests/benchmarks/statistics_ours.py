"""What `bench_statistics` measures in our own environment: `-m tests.benchmarks.statistics_ours`.

Arguments and answers are those of `statistics_peers`. Beside our own jobs there are the plain query
and OpenDP's bare samplers, which need no other environment.
"""

import itertools
import json
import os
import sys
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

import polars as pl

from audit.runs import _MADE_HERE, Reservation
from engine.statistics import (
    SIGHTING_SCHEMA,
    Contributors,
    Dimension,
    Photos,
    Statistic,
    Study,
    cost,
    cost_of,
    release,
)
from engine.statistics.accounting import law_of, rho_within
from engine.statistics.bounding import bound
from engine.statistics.noise import DiscreteGaussian, DiscreteLaplace, GeometricLaw, randomise
from engine.statistics.noise.exact import opendp
from engine.statistics.sensitivity import Sensitivity
from policies.amounts import Delta, Epsilon, Rho
from tests.benchmarks.statistics_data import BRANDS, WEEKS, write
from tests.benchmarks.statistics_peers import Given, errors, timed

_sequence = itertools.count()


def data(given: Given) -> Given:
    """Write the data, and what is true of it, and the same as CSV where it is asked for."""
    folder = Path(given["folder"])
    write(given["rows"], folder)
    if "csv" in given and not Path(given["csv"]).exists():
        _in_study(folder).select("contributor", "label", "week").sink_csv(
            given["csv"], include_header=False
        )
    return {"mib": sum(f.stat().st_size for f in folder.glob("*.parquet")) / 2**20}


def truth(given: Given) -> Given:
    """Write the exact cells and, for any K of each contributor's, those after bounding.

    A contributor with n cells keeps K of them by chance, so that each counts for K / n.
    """
    each = _in_study(Path(given["folder"]), "week")
    amount = pl.col("photo").n_unique().clip(upper_bound=given.get("clip", 1)).cast(pl.Float64)
    if "clip" in given:
        rows = each.select("contributor", "photo", "label", "week").unique()
        rows.select("contributor", "label", "week").sink_csv(given["csv"], include_header=False)
    kept = (given["k"] / pl.len().over("contributor")).clip(upper_bound=1.0)
    exactly = pl.col("photo").n_unique() if "clip" in given else pl.lit(1)
    cells = (
        each.group_by("contributor", "label", "week")
        .agg(amount.alias("amount"), exactly.alias("exact"))
        .with_columns(bounded=pl.col("amount") * kept)
        .group_by("label", "week")
        .agg(pl.col("exact").sum(), pl.col("bounded").sum())
    )
    grid = pl.LazyFrame({"label": BRANDS}).join(pl.LazyFrame({"week": WEEKS}), how="cross")
    found = grid.join(cells, on=["label", "week"], how="left").sort("label", "week").collect()
    sums = {name: found[name].fill_null(0).to_list() for name in ("exact", "bounded")}
    Path(given["truth"]).write_text(json.dumps(sums))
    return {name: sum(values) for name, values in sums.items()}


def count(given: Given) -> Given:
    """Time the bounded counts, before any noise."""
    statistic = _study(given).statistics[0]
    key = os.urandom(32)
    counts, took = timed(lambda: bound(_scan(given), statistic, given["k"], key).count())
    return took | ({"counts": counts.tolist()} if given.get("counts") else {})


def whole_release(given: Given) -> Given:
    """Time a release: reservation in hand, from the rows to the noisy table."""
    study = _study(given)
    law_of(study, study.statistics[0]).draw(1)  # imports what draws
    found, took = timed(lambda: _release(given, study))
    return took | {"cells": len(found)}


def plain(given: Given) -> Given:
    """Time the query that a user of Polars would write for the same: no promise, no grid."""
    counts, took = timed(lambda: _plain(given))
    if not given.get("counts"):
        return took
    places = {cell: place for place, cell in enumerate(itertools.product(BRANDS, WEEKS))}
    every = [0] * len(places)
    for label, week, number in counts.rows():
        every[places[label, week]] = number
    return took | {"counts": every}


def _plain(given: Given) -> pl.DataFrame:
    cell = ("contributor", "label", "week")
    rows = _in_study(Path(given["folder"]), given.get("from", "week")).select(cell).unique()
    order = pl.struct(cell).hash(given.get("seed", 5))
    kept = rows.filter(order.rank("ordinal").over("contributor") <= given["k"])
    return kept.group_by("label", "week").agg(pl.len()).collect(engine="streaming")


def _in_study(folder: Path, period: str = "week") -> pl.LazyFrame:
    rows = pl.scan_parquet(folder / "*.parquet")
    if period == "day":
        rows = rows.with_columns(week=pl.col("day").dt.strftime("%G-W%V"))
    return rows.filter(pl.col("label").is_in(BRANDS), pl.col("week").is_in(WEEKS))


def draw(given: Given) -> Given:
    """Time noise on so many counts, by us or by OpenDP core alone, at the same scale."""
    laws = {law.name: law for law in (DiscreteLaplace, GeometricLaw)}
    scale, counts = given["scale"], list(range(given["cells"]))
    if given["law"] == DiscreteGaussian.name:
        price = Rho(1 / (2 * Fraction(scale) ** 2))
        law: Any = DiscreteGaussian(price, Sensitivity.of(1, 1))
    else:
        law = laws[given["law"]](Epsilon(1 / Fraction(scale)), Sensitivity.of(1, 1))
    if given["by"] == "ours":
        randomise(law, [0])
        return timed(lambda: randomise(law, counts))[1]
    dp = opendp()
    domain = dp.vector_domain(dp.atom_domain(T="i64"))

    def alone(values: list[int]) -> Any:
        if given["law"] == DiscreteGaussian.name:
            made = dp.m.make_gaussian(domain, dp.l2_distance(T=float), scale=law.scale)
        else:
            made = dp.m.make_laplace(domain, dp.l1_distance(T="i64"), scale=float(scale))
        return made(values)

    alone([0])
    return timed(lambda: alone(counts))[1]


def our_errors(given: Given) -> Given:
    """Measure how far releases are off."""
    study = _study(given)

    def values() -> list[int]:
        return _release(given, study)["value"].to_list()

    return errors(values, given)


def _study(given: Given) -> Study:
    price: Epsilon | Rho = Epsilon(Fraction(given.get("epsilon", 1)))
    if given.get("delta"):
        price = rho_within(Fraction(given["epsilon"]), Delta.parse(given["delta"]))
    by = (Dimension("brand", BRANDS), Dimension("week", WEEKS))
    measure = Photos(given["clip"]) if "clip" in given else Contributors()
    return Study((Statistic("weekly", by, price, measure),), given["k"])


def _release(given: Given, study: Study) -> pl.DataFrame:
    reserved = Reservation(
        run="benchmark",
        dataset="benchmark",
        policy="sha256:" + "0" * 64,
        loss=cost(study),
        statistics=tuple((s.id, cost_of(study, s)) for s in study.in_order()),
        entry_seq=next(_sequence),
        token=_MADE_HERE,
    )
    return release(_scan(given), study, reserved, os.urandom(32)).table


def _scan(given: Given) -> pl.LazyFrame:
    return pl.scan_parquet(Path(given["folder"]) / "*.parquet").select(SIGHTING_SCHEMA.names())


JOBS: Final[dict[str, Callable[[Given], Given]]] = {
    job.__name__: job for job in (data, truth, count, whole_release, plain, draw, our_errors)
}


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(JOBS[sys.argv[1]](json.loads(sys.argv[2]))) + "\n")
