"""OpenDP core's exact integer samplers (Canonne, Kamath, Steinke 2020), many draws at a time.

They work on rational numbers and the operating system's generator, so that what is drawn has
exactly the law that is stated and costs no delta of its own. Only its samplers are used: what is
noise for what count, and what that costs, is decided here.
"""

from functools import cache
from typing import Any, Literal


def draws(law: Literal["laplace", "gaussian"], scale: float, number: int) -> list[int]:
    """Return independent draws of the discrete law with this scale, taken as the exact rational."""
    if number == 0:
        return []
    dp = opendp()
    domain = dp.vector_domain(dp.atom_domain(T="i64"))
    if law == "laplace":
        measurement = dp.m.make_laplace(domain, dp.l1_distance(T="i64"), scale=scale)
    else:
        measurement = dp.m.make_gaussian(domain, dp.l2_distance(T=float), scale=scale)
    return list(measurement([0] * number))


@cache
def opendp() -> Any:
    """Return OpenDP's prelude, with its integer mechanisms switched on."""
    # Imported here: a plan needs no noise, and this import takes a second.
    import opendp.prelude as dp  # noqa: PLC0415

    dp.enable_features("contrib")
    return dp
