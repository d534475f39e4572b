"""What `bench_statistics` measures of other tools: `PYTHON statistics_peers.py JOB JSON`.

Each job runs in a process of its own, in the tool's own environment, and writes one line of JSON;
so nothing is imported at the head that an environment may not have. Times leave imports out.
"""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

Given = dict[str, Any]
SURE: Final = 1e6
"""An epsilon at which noise is nothing."""


def peak_mib() -> float:
    """Return the most memory that this process has held at once.

    Not `ru_maxrss`: that begins with what the parent held when it started this process.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 * 1024 if sys.platform == "darwin" else 1024)


def timed(work: Callable[[], Any]) -> tuple[Any, Given]:
    """Return what the work gives, and what it took."""
    before, start, cpu = peak_mib(), time.perf_counter(), time.process_time()
    result = work()
    took = {"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}
    return result, took | {"peak": peak_mib(), "before": before}


def errors(found: Callable[[], Any], given: Given) -> Given:
    """Return the mean absolute errors of so many releases, against either truth."""
    import numpy as np

    truth = json.loads(Path(given["truth"]).read_text())
    sums = dict.fromkeys(truth, 0.0)
    for _ in range(given["times"]):
        values = np.asarray(found(), dtype=float)
        for name, exact in truth.items():
            sums[name] += float(np.abs(values - exact).mean())
    return {name: total / given["times"] for name, total in sums.items()}


# PipelineDP


def pipelinedp_count(given: Given) -> Given:
    """Time a release of how many contributors there are in each cell, rows being at hand."""
    keys = _keys(given)
    rows = list(_rows(given))
    import pipeline_dp  # noqa: F401

    found, took = timed(lambda: _pipelinedp(rows, keys, given))
    return took | {"cells": len(found)}


def pipelinedp_errors(given: Given) -> Given:
    """Measure how far releases are off."""
    keys, rows = _keys(given), list(_rows(given))

    def in_order() -> list[float]:
        found = _pipelinedp(rows, keys, given)
        return [found[key] for key in keys]

    return errors(in_order, given)


def _pipelinedp(rows: list[Any], keys: list[tuple[str, str]], given: Given) -> dict[Any, float]:
    import pipeline_dp

    budget = pipeline_dp.NaiveBudgetAccountant(given["epsilon"], float(given.get("delta", 0)))
    engine = pipeline_dp.DPEngine(budget, pipeline_dp.LocalBackend())
    photos = "clip" in given
    noise = pipeline_dp.NoiseKind.GAUSSIAN if given.get("delta") else pipeline_dp.NoiseKind.LAPLACE
    metric = pipeline_dp.Metrics.COUNT if photos else pipeline_dp.Metrics.PRIVACY_ID_COUNT
    params = pipeline_dp.AggregateParams(
        noise_kind=noise,
        metrics=[metric],
        max_partitions_contributed=given["k"],
        max_contributions_per_partition=given.get("clip", 1),
    )
    extractors = pipeline_dp.DataExtractors(
        privacy_id_extractor=lambda row: row[0],
        partition_extractor=lambda row: (row[1], row[2]),
        value_extractor=lambda _: 0,
    )
    result = engine.aggregate(rows, params, extractors, public_partitions=keys)
    budget.compute_budgets()
    return {key: found.count if photos else found.privacy_id_count for key, found in result}


def _rows(given: Given) -> Iterator[tuple[str, ...]]:
    import csv

    with Path(given["csv"]).open(newline="") as file:
        yield from map(tuple, csv.reader(file))


# OpenDP with Polars


def opendp_count(given: Given) -> Given:
    """Time a release of how many contributors there are in each cell, planning and all."""
    import opendp.prelude
    import polars  # noqa: F401

    opendp.prelude.enable_features("contrib")
    found, took = timed(lambda: _opendp(given))
    return took | {"cells": len(found)}


def opendp_errors(given: Given) -> Given:
    """Measure how far releases are off.

    With a clip its truncation keeps the first cells by name, not any: the sum after bounding is
    another one than everybody else's, and is asked of OpenDP itself.
    """
    if "clip" in given:
        truth = json.loads(Path(given["truth"]).read_text())
        sure = {"epsilon": SURE} if not given.get("delta") else {"rho": SURE}
        truth["bounded"] = [round(value) for value in _opendp(given | sure)]
        own = Path(given["truth"]).with_name("truth-opendp.json")
        own.write_text(json.dumps(truth))
        given = given | {"truth": str(own)}
    return errors(lambda: _opendp(given), given)


def _opendp(given: Given) -> list[int]:
    import opendp.prelude as dp
    import polars as pl

    dp.enable_features("contrib")
    by = ["label", "week"]
    rows, grid = _opendp_frames(given)
    if given.get("delta"):
        loss = dp.loss_of(
            rho=given.get("rho") or _opendp_rho(given["epsilon"], float(given["delta"]))
        )
    else:
        loss = dp.loss_of(epsilon=given["epsilon"])
    context = dp.Context.compositor(
        data=rows,
        privacy_unit=dp.unit_of(contributions=1, identifier=pl.col("contributor")),
        privacy_loss=loss,
        split_evenly_over=1,
        margins=[dp.polars.Margin(by=by, max_groups=grid.height, max_length=10**9)],
    )
    query = context.query()
    if "clip" in given:
        query = query.truncate_per_group(given["clip"], by=by)
        query = query.truncate_num_groups(given["k"], by=by, keep="first")
    else:
        # One row a cell, then K rows. `truncate_num_groups` by several columns fails in 0.16.0
        # where it is to keep any of them, not the first by name.
        query = query.truncate_per_group(1, by=by).truncate_per_group(given["k"])
    query = query.group_by(by).agg(dp.len(signed=True)).with_keys(grid.lazy())
    return query.release().collect().sort(by)["len"].to_list()


def _opendp_frames(given: Given) -> tuple[Any, Any]:
    import polars as pl

    keys = pl.DataFrame(_keys(given), schema=["label", "week"], orient="row")
    rows = pl.scan_parquet(f"{given['folder']}/*.parquet")
    # Row by row, and so before the context, which knows no `is_in`.
    in_study = [pl.col(name).is_in(keys[name].unique().to_list()) for name in keys.columns]
    rows = rows.filter(*in_study)
    if "clip" in given:
        rows = rows.select("contributor", "photo", "label", "week").unique()
    return rows.select("contributor", "label", "week"), keys


def _opendp_rho(epsilon: float, delta: float) -> float:
    """Return the largest rho that OpenDP itself says to be within epsilon at delta."""
    import opendp.prelude as dp

    space = dp.atom_domain(T=float, nan=False), dp.absolute_distance(T=float)

    def stated(rho: float) -> float:
        noise = dp.m.make_gaussian(*space, scale=(1 / (2 * rho)) ** 0.5)
        both = dp.c.make_fix_delta(dp.c.make_zCDP_to_approxDP(noise), delta=delta)
        return both.map(1.0)[0]

    low, high = 0.0, epsilon
    for _ in range(50):
        middle = (low + high) / 2
        low, high = (middle, high) if stated(middle) <= epsilon else (low, middle)
    return low


def _keys(given: Given) -> list[tuple[str, str]]:
    keys = json.loads(Path(given["folder"], "keys.json").read_text())
    return [(brand, week) for brand in keys["brands"] for week in keys["weeks"]]


JOBS: Final[dict[str, Callable[[Given], Given]]] = {
    job.__name__: job for job in (pipelinedp_count, pipelinedp_errors, opendp_count, opendp_errors)
}


if __name__ == "__main__":
    sys.stdout.write("\n" + json.dumps(JOBS[sys.argv[1]](json.loads(sys.argv[2]))) + "\n")
