from datetime import date
from hashlib import sha256

import polars as pl
import pytest

from engine.statistics import Dimension, Parts, Photos, Statistic, Together
from engine.statistics.bounding import bound, count_all
from engine.statistics.errors import SightingsInvalid
from engine.statistics.sightings import SIGHTING_SCHEMA
from policies.amounts import Epsilon

KEY = bytes(range(32))
BRAND = Dimension("brand", tuple("abcd"))
ONE = Epsilon.parse("1")
STATISTICS = (
    Statistic("plain", (BRAND,), ONE),
    Statistic("photos", (BRAND,), ONE, Photos(2)),
    Statistic("pairs", (BRAND, Dimension("with_brand", BRAND.keys)), ONE, Together()),
)


def _rows() -> pl.DataFrame:
    rows = [
        (sha256(b"%d" % n).hexdigest()[:32], photo, "brand", label, date(2026, 6, 1), None, None)
        for n in range(200)
        for photo, label in enumerate("abcd" * (1 + n % 3))
    ]
    return pl.DataFrame(rows, schema=SIGHTING_SCHEMA, orient="row")


def _parts(whole: pl.DataFrame, prefixes: str = "0123456789abcdef") -> Parts:
    begins = pl.col("contributor").str.starts_with
    return Parts({p: whole.filter(begins(p)).lazy() for p in prefixes})


def test_parts_count_as_their_whole_does() -> None:
    whole = _rows()
    for statistic in STATISTICS:
        for k in (1, 2, 99):
            one = bound(whole, statistic, k, KEY).count().tolist()
            assert bound(_parts(whole), statistic, k, KEY).count().tolist() == one
    sealed = tuple(bound(_parts(whole), s, 2, KEY) for s in STATISTICS)
    assert [c.tolist() for c in count_all(sealed)] == [s.count().tolist() for s in sealed]


def test_a_contributor_in_two_parts_counts_in_one() -> None:
    whole = _rows()
    twice = Parts({p: whole.lazy() for p in "0123456789abcdef"})
    for statistic in STATISTICS:
        expected = bound(whole, statistic, 1, KEY).count().tolist()
        assert bound(twice, statistic, 1, KEY).count().tolist() == expected


@pytest.mark.parametrize("prefixes", [("a", "ab"), ("", "a"), ("0", "00", "1")])
def test_parts_that_could_share_a_contributor_are_refused(prefixes: tuple[str, ...]) -> None:
    with pytest.raises(SightingsInvalid):
        Parts({p: _rows().lazy() for p in prefixes})


def test_a_part_of_another_shape_is_refused() -> None:
    with pytest.raises(SightingsInvalid):
        bound(Parts({"a": _rows().drop("day").lazy()}), STATISTICS[0], 1, KEY)


def test_no_parts_are_an_empty_table() -> None:
    assert bound(Parts({}), STATISTICS[0], 1, KEY).count().tolist() == [0] * 4
    assert Parts({}).whole().collect().is_empty()
