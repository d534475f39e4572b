"""Coordinates become a country that the policy names, or nothing at all."""

import lzma
from math import inf, nan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.sources import Countries
from engine.sources.countries import FILE, STEPS, told
from policies.countries import COUNTRIES

EVERY = Countries(COUNTRIES)

CITIES = {
    "Munich": (48.137, 11.575, "DE"),
    "Paris": (48.857, 2.352, "FR"),
    "Rome, where the Vatican is too small to tell": (41.902, 12.453, "IT"),
    "Lisbon": (38.722, -9.139, "PT"),
    "Reykjavik": (64.147, -21.942, "IS"),
    "Cairo": (30.044, 31.236, "EG"),
    "Nairobi": (-1.292, 36.822, "KE"),
    "Cape Town": (-33.925, 18.424, "ZA"),
    "Mumbai": (19.076, 72.877, "IN"),
    "Tokyo": (35.690, 139.692, "JP"),
    "Sydney": (-33.869, 151.209, "AU"),
    "Singapore": (1.290, 103.852, "SG"),
    "New York": (40.713, -74.006, "US"),
    "Honolulu": (21.307, -157.858, "US"),
    "Mexico City": (19.433, -99.133, "MX"),
    "Sao Paulo": (-23.551, -46.633, "BR"),
    "Cayenne": (4.922, -52.313, "GF"),
    "Buenos Aires": (-34.604, -58.382, "AR"),
}

NOWHERE = {
    "the middle of the Atlantic": (0, -30),
    "the island of nobody's coordinates": (0, 0),
    "Basel, at two borders": (47.56, 7.59),
    "Geneva": (46.204, 6.143),
    "Kinshasa, over the river from Brazzaville": (-4.325, 15.322),
    "San Marino, too small": (43.942, 12.458),
    "Sevastopol, contested": (44.617, 33.525),
    "Srinagar, contested": (34.084, 74.797),
    "Laayoune, contested": (27.151, -13.203),
    "Pristina, which ISO 3166 has no code for": (42.663, 21.165),
}


@pytest.mark.parametrize("city", CITIES)
def test_cities_lie_in_their_countries(city: str) -> None:
    latitude, longitude, country = CITIES[city]
    assert EVERY.of(latitude, longitude) == country
    # X writes numbers as text.
    assert EVERY.of(str(latitude), f" {longitude} ") == country


@pytest.mark.parametrize("place", NOWHERE)
def test_what_is_not_sure_is_nowhere(place: str) -> None:
    assert EVERY.of(*NOWHERE[place]) is None


def test_both_sides_of_the_antimeridian() -> None:
    assert EVERY.of(-16.8, 179.95) == EVERY.of(-16.8, -179.95) == "FJ"  # Taveuni
    assert EVERY.of(67.5, 179.5) == EVERY.of(67.5, -179.5) == "RU"  # Chukotka
    for latitude in (-80, -16.8, 0, 40, 66, 71):
        assert EVERY.of(latitude, 180) == EVERY.of(latitude, -180)


def test_the_poles() -> None:
    for longitude in (-180, -0.0, 12.3, 180):
        assert EVERY.of(-90, longitude) == "AQ"
        assert EVERY.of(90, longitude) is None


def test_no_other_country_than_those_named_comes_out() -> None:
    some = Countries(["DE"])
    assert some.of(48.137, 11.575) == "DE"
    assert some.of(48.857, 2.352) is None
    assert Countries([]).of(48.137, 11.575) is None
    assert Countries(["de", "XX", ""]).of(48.137, 11.575) is None


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, False, "", " ", "48,1", "48.1 N", "0x30", "1e1", "48_1", "\u0664\u0668"),
        *(nan, inf, -inf, 91, -90.001, 10**400, -(10**400), "9" * 400, [48.1], {"v": 48.1}, b"48"),
        *("nan", "inf", "--1", "+", ".5", "48."),
    ],
)
def test_what_is_no_latitude_is_nowhere(value: Any) -> None:
    assert EVERY.of(value, 11.575) is None
    assert EVERY.of(48.137, value if value not in (91, -90.001) else 181) is None


numbers = st.floats() | st.integers() | st.floats(-200, 200).map(str)


@given(numbers | st.text() | st.none() | st.booleans(), numbers | st.lists(numbers))
def test_whatever_comes_in_a_country_or_nothing_comes_out(latitude: Any, longitude: Any) -> None:
    assert EVERY.of(latitude, longitude) in {None, *COUNTRIES}


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_no_more_than_its_tenth_of_a_degree_decides(latitude: float, longitude: float) -> None:
    row, column = int((90 - latitude) * STEPS), int((longitude + 180) * STEPS)
    middle = 90 - (row + 0.5) / STEPS, (column + 0.5) / STEPS - 180
    if row < 180 * STEPS and column < 360 * STEPS:
        assert EVERY.of(latitude, longitude) == EVERY.of(*middle)


def test_a_policy_may_name_exactly_what_can_be_told() -> None:
    assert set(told()) == COUNTRIES
    assert list(told()) == sorted(told())


def test_the_table_is_small_and_whole() -> None:
    assert FILE.stat().st_size < 100_000
    head, cells = lzma.decompress(FILE.read_bytes()).split(b"\n", 1)
    assert len(cells) == 180 * STEPS * 360 * STEPS
    assert set(cells) == set(range(len(head.split()) + 1))
