"""What changed between two policies, and which way: for whoever has to approve the newer one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from policies.directions import DIRECTIONS, Direction
from policies.policy import Policy

_ONE_VALUE = ("approvals", "models")
"""Tables whose rows are no fields: how many must approve, and which weights, is one value each."""


@dataclass(frozen=True)
class Change:
    """One field that differs, with every default written in."""

    field: str
    """As `policy show` writes it; a statistic by its id."""
    before: Any
    after: Any
    direction: Direction


def compare(before: Policy, after: Policy) -> tuple[Change, ...]:
    """Return every field in which the policies differ, in the order of the schema."""
    return tuple(_changes("", "", _keyed(before), _keyed(after)))


def succession(before: Policy, after: Policy) -> str | None:
    """Return why `after` is not the next version of `before`, as a sentence; None where it is."""
    if before.id != after.id:
        return f"the ids differ, {before.id} and {after.id}: they are two policies"
    if after.version <= before.version:
        return f"version {after.version} does not come after version {before.version}"
    if after.supersedes != before.digest:
        return f"supersedes does not name the version before, {before.digest}"
    return None


def _keyed(policy: Policy) -> dict[str, Any]:
    """Return the policy as plain values, its statistics by their ids."""
    values = dict(policy.effective)
    statistics = {s["id"]: s for s in values.pop("statistics")}
    return {**values, "statistics": statistics, "statistics (order)": list(statistics)}


def _changes(path: str, pattern: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after or (pattern == "statistics (order)" and _same_order(before, after)):
        return
    if not isinstance(before, dict) or not isinstance(after, dict) or pattern in _ONE_VALUE:
        reading = DIRECTIONS.get(pattern)
        yield Change(path, before, after, reading(before, after) if reading else "other")
        return
    for name in dict.fromkeys([*before, *after]):
        inner = "*" if pattern == "statistics" else name
        yield from _changes(
            f"{path}.{name}".lstrip("."),
            f"{pattern}.{inner}".lstrip("."),
            before.get(name),
            after.get(name),
        )


def _same_order(before: list[str], after: list[str]) -> bool:
    """Say whether those that stand in both lists stand in the same order."""
    return [i for i in before if i in after] == [i for i in after if i in before]
