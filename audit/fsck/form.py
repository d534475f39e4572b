"""The closed schema of an entry once more, written as plain rules, and its one JSON spelling.

Every field must be there, but for two that may, and no other; nothing is filled in.
"""

import json
import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from operator import itemgetter, lt
from typing import Any

from audit.fsck.amounts import exact
from audit.fsck.problem import tampered

Rule = Callable[[Any], bool]
MAX_LINE = 60_000
OUTPUTS = (
    "model-card.md",
    "model.safetensors",
    "privacy-label.json",
    "reading.csv",
    "release.csv",
    "release.json",
    "release.parquet",
    "report.html",
)


def _text(pattern: str) -> Rule:
    matches = re.compile(pattern).fullmatch
    return lambda value: isinstance(value, str) and matches(value) is not None


def _whole(low: int, high: int) -> Rule:
    return lambda value: type(value) is int and low <= value <= high


def _one_of(*words: str) -> Rule:
    return lambda value: isinstance(value, str) and value in words


def _record(rules: dict[str, Rule], **may: Rule) -> Rule:
    """Return the rule of exactly these fields, and of those that may be there."""
    must, every = rules.keys(), rules | may

    def check(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        names = value.keys()
        if names != must and not must <= names <= every.keys():
            return False
        # A plain loop: this is asked a dozen times of each line of a long log.
        for name, part in value.items():  # noqa: SIM110
            if not every[name](part):
                return False
        return True

    return check


def _sorted(rule: Rule, *keys: str, least: int = 0, most: int = 100) -> Rule:
    order = itemgetter(*keys)

    def check(value: Any) -> bool:
        if not isinstance(value, list) or not least <= len(value) <= most:
            return False
        if not all(map(rule, value)):
            return False
        places = list(map(order, value))
        return all(map(lt, places, places[1:]))

    return check


def _day(value: Any) -> bool:
    if not _DATE(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def _amount(value: Any) -> bool:
    return exact(value) is not None


_PURE = _record({"epsilon": _amount, "delta": _amount})
_CONCENTRATED = _record({"rho": _amount, "delta": _amount})


def _amounts(value: Any) -> bool:
    return _PURE(value) or _CONCENTRATED(value)


def parts(amounts: dict[str, str]) -> tuple[str, Fraction, Fraction]:
    """Return unit, amount and delta of what `_amounts` has passed."""
    unit = "rho" if "rho" in amounts else "epsilon"
    return unit, exact(amounts[unit]) or Fraction(0), exact(amounts["delta"]) or Fraction(0)


def _periods(value: Any) -> bool:
    if value == []:
        return True
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(map(_PERIOD, value))
        and len(value[0]) == len(value[1])
        and bool(value[0] <= value[1])
    )


def _adds_up(body: dict[str, Any]) -> bool:
    if not body["statistics"]:
        _, amount, delta = parts(body["cost"])
        return bool(body["periods"]) and amount == delta == 0
    costs = [parts(statistic["cost"]) for statistic in body["statistics"]]
    if len({unit for unit, _, _ in costs}) > 1:
        return False
    total = (costs[0][0], sum(c[1] for c in costs), sum(c[2] for c in costs))
    return total == parts(body["cost"])


_DATE = _text(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_PERIOD = _text(r"[0-9]{4}-(W[0-9]{2}|[0-9]{2}|[0-9]{2}-[0-9]{2})")
_ID = _text(r"[a-z0-9][a-z0-9-]{0,63}")
_DIGEST = _text(r"sha256:[0-9a-f]{64}")
_COMMITMENT = _text(r"hmac-sha256:[0-9a-f]{64}")
_RUN = _text(r"[0-9a-f]{32}")
_VERSION = _text(r"[0-9]{1,4}(\.[0-9]{1,4}){1,2}((a|b|rc|\.dev|\.post)[0-9]{1,3})?")
_KEY = _text(r"ed25519:[0-9a-f]{64}")
_SIGNATURE = _text(r"[0-9a-f]{128}")
_APPROVAL = _record({"role": _ID, "key": _KEY})
_TRAINING = _record(
    {
        "steps": _whole(1, 100_000),
        "sampling_rate": lambda v: (exact(v) or 0) <= 1 and _amount(v),
        "noise": _amount,
        "accounts": _whole(1, 100),
    }
)
_SPEND = _record(
    {"id": _text(r"[a-z][a-z0-9_]{0,63}"), "cost": _amounts},
    training=_TRAINING,
)

_BODIES: dict[str, Rule] = {
    "log.open": _record({"origin": _text(r"crowdlens/[0-9a-f]{32}")}),
    "policy.adopt": _record(
        {
            "policy": _DIGEST,
            "id": _ID,
            "version": _whole(1, 1_000_000),
            "class": _one_of("production", "pilot", "test"),
            "not_after": _day,
            "catalogue": _DIGEST,
            "approvals": _sorted(_APPROVAL, "role", "key"),
        },
        supersedes=_DIGEST,
    ),
    "policy.revoke": _record(
        {"policy": _DIGEST, "role": _ID, "key": _KEY, "signature": _SIGNATURE}
    ),
    "key.rotate": _record({"old": _KEY, "new": _KEY, "by_old": _SIGNATURE, "by_new": _SIGNATURE}),
    "dataset.declare": _record({"dataset": _ID, "unit": _one_of("contributor"), "total": _amounts}),
    "run.start": _record(
        {
            "policy": _DIGEST,
            "dataset": _ID,
            "code": _record({"version": _VERSION, "source": _DIGEST}),
            "models": _sorted(_record({"name": _ID, "digest": _DIGEST}), "name"),
        }
    ),
    "run.inputs": _record(
        {"inputs": _COMMITMENT, "optouts": lambda v: v is None or _COMMITMENT(v)}
    ),
    "budget.reserve": _record(
        {
            "dataset": _ID,
            "policy": _DIGEST,
            "statistics": _sorted(_SPEND, "id"),
            "cost": _amounts,
            "periods": _periods,
        }
    ),
    "release": _record(
        {
            "dataset": _ID,
            "policy": _DIGEST,
            "outputs": _sorted(
                _record({"name": _one_of(*OUTPUTS), "digest": _DIGEST}),
                "name",
                least=1,
                most=len(OUTPUTS),
            ),
        }
    ),
    "run.end": _record({"outcome": _one_of("failed", "interrupted", "refused")}),
}
_IN_A_RUN = ("run.start", "run.inputs", "budget.reserve", "release", "run.end")


def _line(kind: str) -> Rule:
    rules: dict[str, Rule] = {
        "v": _whole(1, 1),
        "seq": _whole(0, 2**53 - 1),
        "at": _day,
        "type": _one_of(kind),
        "body": _BODIES[kind],
    }
    return _record(rules | {"run": _RUN} if kind in _IN_A_RUN else rules)


_LINES = {kind: _line(kind) for kind in _BODIES}


def _refuse(text: str) -> Any:
    raise ValueError(text)


_DECODE = json.JSONDecoder(parse_float=_refuse, parse_constant=_refuse).decode
_ENCODE = json.JSONEncoder(sort_keys=True, separators=(",", ":"), check_circular=False).encode


def read(line: bytes) -> dict[str, Any]:
    """Return the entry that a line (without newline) states; raises `Problem`."""
    if len(line) > MAX_LINE:
        raise tampered("an entry is too long")
    try:
        value = _DECODE(line.decode("ascii"))
    except (ValueError, RecursionError):
        raise tampered("an entry is not JSON") from None
    if not isinstance(value, dict) or not _entry(value):
        raise tampered("an entry is outside the schema")
    # A name that stands twice is read once, so that it is not in this spelling either.
    if _ENCODE(value).encode() != line:
        raise tampered("an entry is not in its one spelling")
    return value


def _entry(value: dict[str, Any]) -> bool:
    kind = value.get("type")
    if not isinstance(kind, str) or kind not in _LINES or not _LINES[kind](value):
        return False
    return kind != "budget.reserve" or _adds_up(value["body"])
