"""From a file's text to a checked model: one way for policies and catalogues.

Whatever is wrong comes back as findings with file, line, field, rule id and the fix.
"""

from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from policies.errors import Finding, PolicyInvalid
from policies.strict_yaml import Document, YamlRefused, dotted, parse
from policies.strict_yaml import Path as FieldPath

M = TypeVar("M", bound=BaseModel)

_RULES = {
    "extra_forbidden": (
        "PL-FIELD-001",
        "this key is not part of the schema",
        "Remove it, or correct its spelling.",
    ),
    "missing": ("PL-FIELD-002", "this key is missing", "Add it."),
}


def read_text(path: Path, error: type[PolicyInvalid]) -> str:
    """Return the file's UTF-8 text, or raise `error` with one finding."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        said = "there is no file at this path", "Check the path."
    except (OSError, UnicodeDecodeError):
        said = (
            "the file can't be read as UTF-8 text",
            "Check the path, the permissions and the encoding.",
        )
    raise error(path.name, (Finding("PL-FILE-001", "(file)", 0, *said),))


def parse_model(
    text: str,
    model: type[M],
    file: str,
    error: type[PolicyInvalid],
    *,
    shape: type[dict[str, Any]] | type[list[Any]] = dict,
) -> tuple[M, Document]:
    """Return the validated model and the document it came from; raise `error` with findings."""
    try:
        document = parse(text)
    except YamlRefused as refused:
        raise error(file, refused.findings) from None
    if not isinstance(document.value, shape):
        wanted = "keys with values" if shape is dict else "a list of entries"
        finding = Finding(
            "PL-YAML-001",
            "(file)",
            1,
            f"the file must hold {wanted}",
            "Start from `crowdlens init`.",
        )
        raise error(file, (finding,))
    try:
        return model.model_validate(document.value), document
    except ValidationError as invalid:
        found = [_finding(e, document) for e in invalid.errors(include_url=False)]
        findings = tuple(sorted(found, key=lambda f: (f.line, f.field)))
        raise error(file, findings) from None


def _finding(error: Any, document: Document) -> Finding:
    path: FieldPath = tuple(error["loc"])
    kind: str = error["type"]
    line = document.line(path)
    if kind in _RULES:
        rule, message, fix = _RULES[kind]
        return Finding(rule, dotted(path), line, message, fix)
    context = error.get("ctx", {})
    if kind == "crowdlens":
        return Finding(context["rule"], dotted(path), line, context["message"], context["fix"])
    message = str(error["msg"])
    return Finding(
        "PL-FIELD-003",
        dotted(path),
        line,
        message[:1].lower() + message[1:],
        "See `crowdlens policy show` for the accepted values.",
    )
