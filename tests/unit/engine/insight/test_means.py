"""Photos per contributor."""

import numpy as np
import pytest

from engine.insight.balance import ratio_bounds
from engine.insight.errors import NotReleased
from engine.insight.laws import law
from engine.insight.means import means, pairs_for_means
from tests.unit.engine.insight.made import everything, released

VALUES = {"brand_photos": 250, "brands": 100}


def test_a_mean_is_photos_over_contributors_of_the_same_cell() -> None:
    one = released(everything(), lambda s, _: VALUES.get(s.id, 500))
    (pair,) = pairs_for_means(one)
    assert [statistic.id for statistic in pair] == ["brand_photos", "brands"]
    table = means(one, *pair)
    assert table.height == 9
    assert set(table["mean"]) == {2.5}
    assert (table["low95"] < 2.5).all()
    assert (table["high95"] > 2.5).all()


def test_each_of_the_two_has_noise_of_its_own() -> None:
    noisy = {one.id: ("geometric", 2.0) for one in everything().statistics}
    noisy["brand_photos"] = ("geometric", 9.0)
    one = released(everything(), lambda s, _: VALUES.get(s.id, 500), noisy)
    table = means(one, *pairs_for_means(one)[0])
    photos, contributors = law("geometric", 9.0), law("geometric", 2.0)
    low, high, _ = ratio_bounds(np.array([250]), photos, np.array([100]), contributors)
    assert set(table.select("low95", "high95").rows()) == {(low[0], high[0])}


def test_a_mean_over_what_may_be_nobody_is_not_known() -> None:
    one = released(everything(), lambda s, _: {"brands": 4}.get(s.id, 500))
    table = means(one, *pairs_for_means(one)[0])
    assert not table["known"].any()
    assert table["mean"].null_count() == 9


def test_other_dimensions_make_no_mean() -> None:
    one = released(everything(), lambda *_: 500)
    with pytest.raises(NotReleased):
        means(one, one.statistic("brand_photos"), one.statistic("posters"))
    with pytest.raises(NotReleased):
        means(one, one.statistic("brands"), one.statistic("brands"))
