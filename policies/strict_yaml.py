"""YAML without surprises: what a reviewer reads is what the machine reads.

Refused, each with its line: duplicate keys, anchors, aliases, tags, more than one document, and
keys that are not plain text. A plain scalar is a whole number, `true`, `false`, null, a float
(so that the schema can refuse it by name), or text; dates stay text, `yes` and `on` are text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml

from policies.errors import Finding

MAX_BYTES = 1_000_000
MAX_DEPTH = 20

Path = tuple[str | int, ...]

_INT = re.compile(r"-?(0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(
    r"[-+]?(\.[0-9]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"
)


@dataclass(frozen=True)
class Document:
    """The plain value of a YAML text, and the line on which each part of it stands."""

    value: Any
    lines: dict[Path, int]

    def line(self, path: Path) -> int:
        """Return the 1-based line of the path, or of its nearest parent that has one."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


class YamlRefused(Exception):
    """Carries the findings up to the loader of the file, which knows the file's name."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(f.message for f in findings))
        self.findings = findings


def parse(text: str) -> Document:
    """Return the document, or raise `YamlRefused` with every finding of this layer."""
    if len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise _refuse("PL-YAML-001", 1, "the file is too large", "Keep it under 1 MB.")
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            _check_token(token)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise _refuse(
            "PL-YAML-001",
            line,
            "this is not valid YAML",
            "Check indentation, colons and quotes around here.",
        ) from None
    except (RecursionError, ValueError):
        raise _refuse(
            "PL-YAML-001", 1, "this is not valid YAML", "Save it as plain UTF-8 text."
        ) from None
    if root is None:
        raise _refuse("PL-YAML-001", 1, "the file is empty", "Start from `crowdlens init`.")
    lines: dict[Path, int] = {}
    findings: list[Finding] = []
    value = _build(root, (), lines, findings)
    if findings:
        raise YamlRefused(tuple(findings))
    return Document(value, lines)


def _check_token(token: yaml.Token) -> None:
    line = token.start_mark.line + 1
    if isinstance(token, yaml.AnchorToken | yaml.AliasToken):
        raise _refuse(
            "PL-YAML-003", line, "anchors and aliases are not allowed", "Write the value out."
        )
    if isinstance(token, yaml.TagToken | yaml.DirectiveToken):
        raise _refuse("PL-YAML-003", line, "tags and directives are not allowed", "Remove it.")


def _build(node: yaml.Node, path: Path, lines: dict[Path, int], findings: list[Finding]) -> Any:
    lines[path] = node.start_mark.line + 1
    if len(path) > MAX_DEPTH:
        findings.append(
            Finding("PL-YAML-001", dotted(path), lines[path], "nested too deeply", "Flatten it.")
        )
        return None
    if isinstance(node, yaml.MappingNode):
        return dict(_pairs(node, path, lines, findings))
    if isinstance(node, yaml.SequenceNode):
        return [_build(child, (*path, i), lines, findings) for i, child in enumerate(node.value)]
    assert isinstance(node, yaml.ScalarNode)
    return _scalar(node)


def _pairs(
    node: yaml.MappingNode, path: Path, lines: dict[Path, int], findings: list[Finding]
) -> Iterator[tuple[str, Any]]:
    seen: set[str] = set()
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if not isinstance(key, str) or not key:
            findings.append(
                Finding(
                    "PL-YAML-004",
                    dotted(path),
                    line,
                    "a key must be plain text",
                    "Use a name of the schema.",
                )
            )
            continue
        if key in seen:
            findings.append(
                Finding(
                    "PL-YAML-002",
                    dotted((*path, key)),
                    line,
                    "this key stands here twice",
                    "Keep one of them.",
                )
            )
            continue
        seen.add(key)
        value = _build(value_node, (*path, key), lines, findings)
        lines[(*path, key)] = line
        yield key, value


def _scalar(node: yaml.ScalarNode) -> Any:
    text: str = node.value
    if node.style is not None:
        return text
    if text in ("", "~", "null"):
        return None
    if text in ("true", "false"):
        return text == "true"
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return _as_float(text)
    return text


def _as_float(text: str) -> float:
    """Return a float of YAML's spelling; the schema refuses it, whatever its value."""
    plain = text.replace("_", "").lower()
    return float(plain.replace(".inf", "inf").replace(".nan", "nan"))


def dotted(path: Path) -> str:
    """Return a path as a person writes it: `statistics[0].epsilon`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "(file)"


def _refuse(rule: str, line: int, message: str, fix: str) -> YamlRefused:
    return YamlRefused((Finding(rule, "(file)", line, message, fix),))
