"""What a ready-made policy leaves to be filled in: nobody can approve it before that is done.

A text to be filled in says FILL IN; a digest to be filled in is all zeros.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from policies.errors import Finding
from policies.strict_yaml import Document, Path, dotted

if TYPE_CHECKING:
    from policies.policy import Policy

MARK: Final = "FILL IN"
ZEROS: Final = "sha256:" + "0" * 64


def unfilled(policy: "Policy", document: Document | None = None) -> tuple[Finding, ...]:
    """Return a warning for each field that still has to be filled in; nothing for class test."""
    if policy.policy_class == "test":
        return ()
    return tuple(
        Finding(
            "PL-TEXT-002",
            dotted(path),
            document.line(path) if document is not None else 0,
            "this still has to be filled in",
            "Write what is so; until then nobody can approve the policy.",
            "warning",
        )
        for path in _places(policy.effective, ())
    )


def _places(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _places(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _places(part, (*path, number))
    elif isinstance(value, str) and (MARK in value or value == ZEROS):
        yield path
