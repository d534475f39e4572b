"""One entry from its values, with a broken rule told as it would be told in a file."""

from collections.abc import Mapping

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from policies.catalogue import Entry
from policies.errors import CatalogueInvalid, Finding


def entry_of(values: Mapping[str, object], file: str) -> Entry:
    """Return the entry; raise `CatalogueInvalid` for one that breaks a rule by itself."""
    given = {key: value for key, value in values.items() if value not in (None, [])}
    try:
        return Entry.model_validate(given)
    except ValidationError as invalid:
        findings = tuple(_finding(error, str(values["name"])) for error in invalid.errors())
        raise CatalogueInvalid(file, findings) from None


def _finding(error: ErrorDetails, name: str) -> Finding:
    # The name goes first: nothing stands in the file yet that a line could lead to.
    where = ".".join([repr(name), *map(str, error["loc"])])
    context = error.get("ctx", {})
    if error["type"] == "crowdlens":
        return Finding(context["rule"], where, 0, context["message"], context["fix"])
    message = error["msg"]
    return Finding(
        "PL-FIELD-003", where, 0, message[:1].lower() + message[1:], "Give another value."
    )
