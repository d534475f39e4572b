"""How a model's own checks say which rule was broken and how to mend it."""

import unicodedata

from pydantic_core import PydanticCustomError


def broken(rule: str, message: str, fix: str) -> PydanticCustomError:
    """Return the error that `policies.parsing` turns into a finding with this rule id."""
    return PydanticCustomError(
        "crowdlens", "{message}", {"rule": rule, "message": message, "fix": fix}
    )


def plain(text: str) -> str:
    """Return a text that shows as what it is: one line, no control, format or bidi characters."""
    if any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp") for c in text):
        raise broken(
            "PL-TEXT-001",
            "the text holds characters that do not show, or a line break",
            "Write it as one line of plain text.",
        )
    return text
