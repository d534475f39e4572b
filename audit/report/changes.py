"""What each new version of a policy changed, from the policy files that the auditor has.

The log names policies by digest alone, so that only files whose digest it has adopted are compared,
in the order in which it adopted them.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from json import dumps
from typing import Any

from audit.bodies import PolicyAdopt
from audit.report.page import heading, paragraph, table
from audit.verify import Verification
from policies.comparing import compare, succession
from policies.policy import Policy

_MOST = 300
"""Characters of a value that are shown; lists of labels can be long."""


def policy_changes(found: Verification, policies: Sequence[Policy]) -> Iterator[str]:
    """Every change between versions of one policy, and which way it goes."""
    adopted: dict[str, PolicyAdopt] = {}
    for entry in found.entries:
        if isinstance(entry.body, PolicyAdopt):
            adopted.setdefault(entry.body.policy, entry.body)
    by_digest = {policy.digest: policy for policy in policies}
    versions: dict[str, list[PolicyAdopt]] = {}
    for body in adopted.values():
        versions.setdefault(body.id, []).append(body)
    pairs = [pair for bodies in versions.values() for pair in pairwise(bodies)]
    if not pairs:
        return
    yield heading("What changed between versions of a policy")
    yield paragraph(
        "Stricter: less may be done, by fewer, for less loss, or more must be in place first. "
        "Looser: the reverse. Other: something else is measured. Defaults are written in."
    )
    for before, after in pairs:
        title = f"{after.id}: version {before.version} to version {after.version}"
        yield f"<h3>{escape(title)}</h3>"
        older, newer = by_digest.get(before.policy), by_digest.get(after.policy)
        if older is None or newer is None:
            yield paragraph(
                "Not compared, because a policy was not given: crowdlens audit report --policy, "
                "once for each version."
            )
            continue
        yield from _between(older, newer)


def _between(older: Policy, newer: Policy) -> Iterator[str]:
    changes = compare(older, newer)
    counted = Counter(change.direction for change in changes)
    told = ", ".join(f"{counted[way]} {way}" for way in ("looser", "stricter", "other"))
    broken = succession(older, newer)
    yield paragraph(f"{told}." + (f" Not declared as its successor: {broken}." if broken else ""))
    yield table(
        ["Change", "Field", "Before", "After"],
        [
            [
                f'<span class="change {change.direction}"><b>{change.direction}</b></span>',
                escape(change.field),
                escape(_text(change.before)),
                escape(_text(change.after)),
            ]
            for change in changes
        ],
    )


def _text(value: Any) -> str:
    if value is None:
        return "none"
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST else text[:_MOST] + " ..."
