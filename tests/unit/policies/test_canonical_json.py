"""One value, one byte string: the short way writes what the library writes, or leaves it to it."""

import math

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from policies.canonical import LARGEST_INTEGER, canonical_json

texts = st.text() | st.sampled_from(['"', "\\", "\x00\x1f\x7f", "\u2028\u2029", "é", "\U0001f600"])
keys = texts | st.sampled_from(["", "a", "B", "\r", "1", "\u20ac", "\U0001f600", "\ufb33"])
leaves = (
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.floats()
    | texts
    | st.sampled_from([LARGEST_INTEGER, -LARGEST_INTEGER, LARGEST_INTEGER + 1, 1e21, -0.0])
)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(keys, inner, max_size=5)
)


@given(values)
def test_every_value_is_written_as_rfc_8785_has_it(value: object) -> None:
    try:
        expected = rfc8785.dumps(value)  # type: ignore[arg-type]
    except rfc8785.CanonicalizationError:
        with pytest.raises(ValueError, match="canonical"):
            canonical_json(value)
        return
    assert canonical_json(value) == expected


@pytest.mark.parametrize("value", ["\ud800", {"a": "\udfff"}, {"\ud800": 1}, math.nan, 2**53])
def test_what_can_not_be_written_is_a_value_error(value: object) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of several kinds, all of them that
        canonical_json(value)


def test_a_tuple_or_a_number_that_is_more_than_one_is_left_to_the_library() -> None:
    class Number(int):
        def __repr__(self) -> str:
            return "7"

    for value in ((1, 2), [Number(3)], {"a": (True,)}):
        assert canonical_json(value) == rfc8785.dumps(value)  # type: ignore[arg-type]
