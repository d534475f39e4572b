"""How a model's own checks say which rule was broken and how to mend it."""

from pydantic_core import PydanticCustomError


def broken(rule: str, message: str, fix: str) -> PydanticCustomError:
    """Return the error that `policies.parsing` turns into a finding with this rule id."""
    return PydanticCustomError(
        "crowdlens", "{message}", {"rule": rule, "message": message, "fix": fix}
    )
