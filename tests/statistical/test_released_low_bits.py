"""No set of outputs tells counts of 0 and 1 apart by more than epsilon: no low bit, no residue.

A floating-point mechanism gives a count away by the last bits of its answer (diffprivlib's own
Laplace, the control): whatever its law, some outputs can come from one count alone. Here the whole
release is looked at, as it is written. A test fails by chance once in a million runs (ALARM).
"""

import io
import math
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from engine.statistics import Contributors, Release, Statistic, Study, cost, stated_epsilon, write
from engine.statistics.accounting.cost import law_of
from policies.amounts import Delta, Epsilon, Rho
from tests.statistical.auditing import Bools, canaries, regions, released

ALARM = 1e-6
"""False-alarm rate of one test."""
CELLS = 20_000
PRICES: dict[str, Epsilon | Rho] = {
    "geometric": Epsilon.parse("1"),
    "discrete-laplace": Epsilon.parse("1"),
    "discrete-gaussian": Rho.parse("0.5"),
}
MODULI = (2, 3, 8, 64)


def _study(law: str) -> Study:
    statistic = Statistic("s", (regions(CELLS),), PRICES[law], Contributors(), mechanism=law)  # type: ignore[arg-type]
    return Study((statistic,), 1)


def _rules_out(hits: tuple[int, int], draws: int, delta: float, looks: int) -> float:
    """Return the epsilon below which this event can't be, from how often it was seen of either."""
    alarm = ALARM / (2 * looks)
    few = stats.beta.ppf(alarm, hits[0], draws - hits[0] + 1) if hits[0] else 0.0
    many = stats.beta.ppf(1 - alarm, hits[1] + 1, draws - hits[1]) if hits[1] < draws else 1.0
    return math.log((few - delta) / many) if few > delta else -math.inf


def _largest(events: list[tuple[Bools, Bools]], delta: float) -> float:
    """Return the largest epsilon that any of the events rules out, either way round."""
    found = [
        _rules_out((int(a.sum()), int(b.sum())), len(a), delta, 2 * len(events))
        for pair in events
        for a, b in (pair, pair[::-1])
    ]
    return max(found)


def _off_grid(values: np.ndarray) -> Bools:
    """Return which values are no multiple of 2^-53."""
    scaled = values.astype(float) * 2.0**53
    return np.asarray(scaled != np.floor(scaled))


@pytest.mark.parametrize("law", PRICES)
def test_no_low_bit_or_residue_of_a_release_tells_one_from_none(law: str, tmp_path: Path) -> None:
    study = _study(law)
    there = np.arange(CELLS) % 2 == 0
    table = released(canaries(there), study)
    assert table["value"].dtype == table["low95"].dtype == table["high95"].dtype == pl.Int64
    made = Release("run", "sha256:" + "0" * 64, "panel", study, table)
    write(made, tmp_path, ["csv", "json", "parquet"], policy_class="test")
    written = pl.read_csv(io.BytesIO((tmp_path / "release.csv").read_bytes()), infer_schema=False)
    assert written["value"].str.contains(r"^(0|-?[1-9][0-9]*)$").all()
    values = pl.read_parquet(tmp_path / "release.parquet")["value"].to_numpy()
    assert values.astype(str).tolist() == written["value"].to_list()
    assert not _off_grid(values).any()
    # How a number is written, and what remains of it, is no more telling than the number.
    lengths = written["value"].str.len_bytes().to_numpy()
    events = [(values[there] % m == r, values[~there] % m == r) for m in MODULI for r in range(m)]
    events += [(lengths[there] == n, lengths[~there] == n) for n in range(1, 6)]
    delta, epsilon = float(cost(study).delta.value), 1.0
    if isinstance(PRICES[law], Rho):
        delta = 1e-5
        epsilon = stated_epsilon(Rho.parse("0.5"), Delta.parse("1e-5")).epsilon
    assert _largest(events, delta) <= epsilon
    assert law_of(study, study.statistics[0]).name == law


def test_control_low_bits_of_a_float_mechanism_are_found() -> None:
    from diffprivlib.mechanisms import Laplace

    laplace = Laplace(epsilon=1.0, sensitivity=1.0)
    none, one = (np.array([laplace.randomise(n) for _ in range(3000)]) for n in (0, 1))
    assert _largest([(_off_grid(none), _off_grid(one))], 1e-5) > 1.0
