"""The law of the noise, against closed forms and plain convolution."""

import math

import numpy as np
import pytest

from engine.insight.errors import TableRefused
from engine.insight.laws import law
from tests.unit.engine.insight.made import LAWS, scale_of


def _masses(mechanism: str, std: float, ks: np.ndarray) -> np.ndarray:
    if mechanism == "geometric":
        a = math.exp(-2 * math.asinh(1 / (math.sqrt(2) * std)))
        return a ** np.abs(ks) * (1 - a) / (1 + a)
    whole = np.arange(-2000, 2001)
    scale = scale_of(std)
    return np.exp(-(ks**2) / (2 * scale**2)) / np.exp(-(whole**2) / (2 * scale**2)).sum()


@pytest.mark.parametrize(("mechanism", "std"), LAWS)
def test_one_draw_has_the_published_masses(mechanism: str, std: float) -> None:
    one = law(mechanism, std)
    ks = np.arange(-one.reach, one.reach + 1)
    # The scale of the discrete Gaussian below 2 is found by a search on either side.
    exact = 1e-12 if mechanism == "geometric" or std > 2 else 1e-4
    assert np.abs(one.masses - _masses(mechanism, std, ks)).max() < exact
    assert math.isclose(math.sqrt((ks**2 * one.masses).sum()), std, rel_tol=1e-6)


@pytest.mark.parametrize(("mechanism", "std"), LAWS)
@pytest.mark.parametrize("draws", [2, 3, 7])
def test_a_sum_of_draws_is_their_convolution(mechanism: str, std: float, draws: int) -> None:
    convolved = one = law(mechanism, std).masses
    for _ in range(draws - 1):
        convolved = np.convolve(convolved, one)
    both = law(mechanism, std, draws)
    middle = len(convolved) // 2
    near = min(middle, both.reach)
    found = both.masses[both.reach - near : both.reach + near + 1]
    assert np.abs(found - convolved[middle - near : middle + near + 1]).max() < 1e-12
    assert convolved[: middle - near].sum() < 1e-12


@pytest.mark.parametrize(("mechanism", "std"), LAWS)
@pytest.mark.parametrize("level", [0.5, 0.95, 0.9999])
def test_the_half_width_is_the_smallest_that_will_do(
    mechanism: str, std: float, level: float
) -> None:
    one = law(mechanism, std, 2)
    width = one.half_width(level)
    ks = np.abs(np.arange(-one.reach, one.reach + 1))
    assert one.masses[ks > width].sum() <= (1 - level) * (1 + 1e-6)
    assert width == 0 or one.masses[ks > width - 1].sum() > 1 - level
    assert one.beyond(np.array([width]))[0] == pytest.approx(one.masses[ks > width].sum(), rel=1e-6)


@pytest.mark.parametrize("std", [401.0, 5_000.0, 1_000_000.0])
def test_wide_noise_is_never_told_too_narrow(std: float) -> None:
    e = 2 * math.asinh(1 / (math.sqrt(2) * std))
    one = law("geometric", std)
    assert one.step > 1
    for level in (0.95, 0.999):
        exact = math.ceil(-math.log((1 - level) / 2 * (1 + math.exp(-e))) / e) - 1
        assert exact <= one.half_width(level) <= exact * 1.01
    gaussian = law("discrete-gaussian", std).half_width(0.95)
    assert 1.95996 * std - 1 <= gaussian <= 1.95996 * std * 1.01
    widths = np.array([0, round(std), round(3 * std)])
    tails = 2 * np.exp(-e * (widths + 1)) / (1 + math.exp(-e))
    assert (one.beyond(widths) >= np.minimum(tails, 1)).all()
    assert (one.beyond(widths) <= tails * 1.02).all()


@pytest.mark.parametrize(("mechanism", "std"), LAWS)
@pytest.mark.parametrize("most", [8, 64, 1000])
def test_nodes_stand_in_for_the_law(mechanism: str, std: float, most: int) -> None:
    points, masses = law(mechanism, std).nodes(most)
    assert len(points) <= most + 2
    assert masses.sum() == pytest.approx(1)
    assert (points * masses).sum() == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(
    ("mechanism", "std"),
    [("top", 1.0), ("running-total", 4.0), ("geometric", 0.0), ("geometric", math.nan)],
)
def test_noise_of_no_known_law_is_refused(mechanism: str, std: float) -> None:
    with pytest.raises(TableRefused):
        law(mechanism, std)
