"""What looks the same is one photo of one contributor, and of nobody else's."""

from collections.abc import Sequence
from datetime import date
from random import Random

import polars as pl
import pytest

from engine.statistics import (
    FINGERPRINT_SCHEMA,
    PHOTO_KIND,
    SIGHTING_SCHEMA,
    Contributors,
    Dimension,
    Photos,
    Statistic,
    Together,
    counted_once,
)
from engine.statistics.bounding import bound
from engine.statistics.errors import SightingsInvalid
from engine.statistics.near_duplicates import DISTANCE
from policies.amounts import Epsilon

ONE = Epsilon.parse("1")
BRAND = Dimension("brand", ("Kestrel", "Nimbus"))
WEEK = Dimension("week", ("2026-W23", "2026-W24"))
SCENE = Dimension("with_scene", ("beach",))
DAYS = (date(2026, 6, 2), date(2026, 6, 9))


def bits(number: int, flipped: int = 0) -> bytes:
    """A fingerprint far from those of other numbers, with so many bits of it flipped."""
    plain = Random(number).getrandbits(256)
    return (plain ^ ((1 << flipped) - 1)).to_bytes(32, "big")


def sightings(rows: Sequence[tuple[object, ...]]) -> pl.DataFrame:
    """Rows of contributor, photo, kind, label, day."""
    return pl.DataFrame([(*r, None, None) for r in rows], schema=SIGHTING_SCHEMA, orient="row")


def prints(*rows: tuple[str, int, bytes]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=FINGERPRINT_SCHEMA, orient="row")


def shown(who: str, photo: int, *brands: str, day: date = DAYS[0]) -> list[tuple[object, ...]]:
    return [(who, photo, "brand", brand, day) for brand in brands]


def counts(frame: pl.DataFrame, statistic: Statistic) -> list[int]:
    return bound(frame, statistic, statistic.units, bytes(32)).count().tolist()


PHOTOS = Statistic("photos", (BRAND,), ONE, Photos(9))


def test_the_same_photo_three_times_counts_once_and_another_counts_too() -> None:
    table = sightings([row for n in range(4) for row in shown("ana", n, "Kestrel")])
    marks = [("ana", n, bits(1, n)) for n in range(3)]
    once = counted_once(table, prints(*marks, ("ana", 3, bits(2))))
    assert counts(table, PHOTOS) == [4, 0]
    assert counts(once, PHOTOS) == [2, 0]


def test_two_contributors_with_the_same_photo_are_never_one() -> None:
    table = sightings([*shown("ana", 0, "Kestrel"), *shown("ben", 1, "Kestrel")])
    once = counted_once(table, prints(("ana", 0, bits(1)), ("ben", 1, bits(1))))
    assert once.equals(table)


def test_a_label_of_any_of_them_is_one_of_the_photo() -> None:
    rows = [*shown("ana", 0, "Kestrel"), *shown("ana", 1, "Nimbus"), *shown("ana", 2)]
    table = sightings([*rows, ("ana", 2, "scene", "beach", DAYS[0])])
    once = counted_once(table, prints(*(("ana", n, bits(1)) for n in range(3))))
    assert counts(once, PHOTOS) == [1, 1]
    meet = Statistic("meet", (BRAND, SCENE), ONE, Together())
    assert counts(table, meet) == [0, 0]
    assert counts(once, meet) == [1, 1]


def test_each_period_has_the_photo_that_was_posted_in_it() -> None:
    rows = [row for n in (0, 1) for row in shown("ana", n, "Kestrel", day=DAYS[n])]
    own = [("ana", n, PHOTO_KIND, "", DAYS[n]) for n in (0, 1)]
    once = counted_once(
        sightings([*rows, *own]), prints(("ana", 0, bits(1)), ("ana", 1, bits(1, 3)))
    )
    assert counts(once, PHOTOS) == [1, 0]
    assert counts(once, Statistic("weekly", (BRAND, WEEK), ONE, Photos(9))) == [1, 1, 0, 0]
    assert counts(once, Statistic("all", (WEEK,), ONE, Photos(9))) == [1, 1]


def test_where_contributors_are_counted_nothing_changes() -> None:
    rows = [*shown("ana", 0, "Kestrel"), *shown("ana", 1, "Nimbus", day=DAYS[1])]
    table = sightings(rows)
    once = counted_once(table, prints(("ana", 0, bits(1)), ("ana", 1, bits(1))))
    for by in ((BRAND,), (BRAND, WEEK), (WEEK,)):
        statistic = Statistic("who", by, ONE, Contributors())
        assert counts(once, statistic) == counts(table, statistic)


@pytest.mark.parametrize(("flipped", "photos"), [(DISTANCE, 1), (DISTANCE + 1, 2)])
def test_the_distance_is_held_to_the_bit(flipped: int, photos: int) -> None:
    table = sightings([row for n in (0, 1) for row in shown("ana", n, "Kestrel")])
    once = counted_once(table, prints(("ana", 0, bits(1)), ("ana", 1, bits(1, flipped))))
    assert counts(once, PHOTOS) == [photos, 0]


def test_a_row_of_photos_each_near_the_next_is_no_chain() -> None:
    step = DISTANCE // 2
    marks = [("ana", n, bits(1, n * step)) for n in range(6)]
    table = sightings([row for n in range(6) for row in shown("ana", n, "Kestrel")])
    photo = counted_once(table, prints(*marks))["photo"].to_list()
    of = {n: int.from_bytes(mark, "big") for _, n, mark in marks}
    assert all((of[n] ^ of[stands]).bit_count() <= DISTANCE for n, stands in enumerate(photo))
    assert len(set(photo)) > 1


def test_the_order_of_photos_changes_nothing() -> None:
    random = Random(3)
    marks = [bits(n % 5, random.randrange(90)) for n in range(40)]
    table = [row for n in range(40) for row in shown("ana", n, random.choice(BRAND.keys))]

    def groups(order: list[int]) -> list[list[int]]:
        frame = counted_once(sightings(table), prints(*(("ana", n, marks[n]) for n in order)))
        one = dict(zip([row[1] for row in table], frame["photo"], strict=True))
        together: dict[int, list[int]] = {}
        for number, stands in one.items():
            together.setdefault(stands, []).append(number)
        return sorted(together.values())

    plain = groups(list(range(40)))
    assert 1 < len(plain) < 40
    for _ in range(5):
        assert groups(random.sample(range(40), 40)) == plain


def test_a_photo_without_a_fingerprint_stands_for_itself() -> None:
    table = sightings([row for n in (0, 1, 2) for row in shown("ana", n, "Kestrel")])
    for none in (prints(), prints(("ana", 0, bits(1)), ("ana", 1, b""), ("ana", 2, b"short"))):
        assert counts(counted_once(table, none), PHOTOS) == [3, 0]


def test_nothing_of_a_fingerprint_is_left_and_other_columns_are_refused() -> None:
    table, marks = sightings(shown("ana", 0, "Kestrel")), prints(("ana", 0, bits(1)))
    assert counted_once(table, marks).schema == SIGHTING_SCHEMA
    with pytest.raises(SightingsInvalid):
        counted_once(table.with_columns(fingerprint=pl.lit(b"x")), marks)
    with pytest.raises(SightingsInvalid):
        counted_once(table, marks.drop("photo"))
