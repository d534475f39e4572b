from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policies.amounts import AmountInvalid, Delta, Epsilon, Loss, Rho


@pytest.mark.parametrize("text", ["0.5", "1e-9", "4", "0", "123456.789", "1.5e-10"])
def test_an_exact_decimal_survives_a_round_trip(text: str) -> None:
    assert Epsilon.parse(str(Epsilon.parse(text))) == Epsilon.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "-1", "+1", "nan", "inf", "1,5", "0x1", "1e5", ".5", "1.", " 1", "1_0", "٣", 0.5, 1],
)
def test_anything_else_is_refused(text: object) -> None:
    with pytest.raises(AmountInvalid):
        Epsilon.parse(text)  # type: ignore[arg-type]


def test_a_float_can_not_become_a_promise() -> None:
    with pytest.raises(TypeError):
        Epsilon(0.1)  # type: ignore[arg-type]


def test_tenths_add_up_exactly() -> None:
    total = Epsilon.zero()
    for _ in range(10):
        total += Epsilon.parse("0.1")
    assert total == Epsilon.parse("1")


@given(st.fractions(min_value=0, max_value=10), st.integers(1, 20))
def test_rounding_goes_up_and_never_down(value: Fraction, digits: int) -> None:
    rounded = Delta(value).rounded_up(digits)
    assert rounded.value >= value
    assert Delta.parse(str(rounded)) == rounded


@given(st.fractions(min_value=0, max_value=10))
@example(Fraction(361, 2**55))  # exact in 42 digits, which `parse` does not read
@example(Fraction(12345, 10**40 + 1) / 1000)
def test_text_never_promises_less_than_the_value(value: Fraction) -> None:
    assert Fraction(Epsilon.parse(str(Epsilon(value))).value) >= value


def test_a_loss_is_within_a_limit_only_in_both_parts() -> None:
    limit = Loss(Epsilon.parse("1"), Delta.parse("1e-9"))
    assert limit.within(limit)
    assert not Loss(Epsilon.parse("1"), Delta.parse("2e-9")).within(limit)
    assert not Loss(Epsilon.parse("1.1"), Delta.zero()).within(limit)
    assert Loss(Epsilon.parse("0.5"), Delta.zero()).concentrated() == Rho.parse("0.125")
