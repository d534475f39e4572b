"""Adding to a catalogue's text without touching the rest of it: comments and spelling stay."""

from collections.abc import Mapping
from typing import Any

import yaml

from engine.catalogue.errors import NotEditable
from policies.catalogue import Catalogue, Entry, parse_catalogue

_ORDER = ("name", "kind", "aliases", "parent", "category", "marks", "examples")


def with_entry(text: str, entry: Entry, file: str) -> str:
    """Return the text with the entry at its end, or in the place of the one of its name and kind.

    Raises `CatalogueInvalid` where the catalogue would break a rule with it, and `NotEditable`
    where the text can't be changed in one place alone.
    """
    value = _plain(entry)
    if holds_nothing(text):
        changed = text + ("" if text.endswith("\n") or not text else "\n") + _block(value, 0)
    else:
        old = parse_catalogue(text, file)
        at = index_of(old, entry.name, entry.kind)
        changed = _changed(text, value, at)
        wanted = list(old.entries)
        if at is None:
            wanted.append(entry)
        else:
            wanted[at] = entry
        # INVARIANT: whatever the file looks like, the others mean what they meant.
        if parse_catalogue(changed, file).entries != wanted:
            raise _not_editable()
    parse_catalogue(changed, file)
    return changed


def holds_nothing(text: str) -> bool:
    """Say whether there is no entry in the text, and no more than comments."""
    return all(not line.strip() or line.lstrip().startswith("#") for line in text.splitlines())


def index_of(catalogue: Catalogue, name: str, kind: str) -> int | None:
    """Return where the entry of this name and kind stands; None where it does not."""
    found = [i for i, e in enumerate(catalogue.entries) if (e.name, e.kind) == (name, kind)]
    return found[0] if found else None


def text_of(entries: list[Entry]) -> str:
    """Return a new catalogue's text."""
    return "".join(_block(_plain(entry), 0) for entry in entries)


def _changed(text: str, value: Mapping[str, Any], at: int | None) -> str:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.SequenceNode) or root.flow_style:
        raise _not_editable()
    if at is None:
        end = "" if text.endswith("\n") else "\n"
        return text + end + _block(value, root.start_mark.column)
    node = root.value[at]
    body = _block(value, node.start_mark.column - 2).lstrip().removeprefix("- ").rstrip("\n")
    return text[: node.start_mark.index] + body + text[_end(node) :]


def _end(node: yaml.Node) -> int:
    """Return where the last thing that stands in the node ends: comments after it are not in it."""
    if not isinstance(node, yaml.CollectionNode) or node.flow_style or not node.value:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _end(last[1] if isinstance(last, tuple) else last)


def _plain(entry: Entry) -> dict[str, Any]:
    """Return what is to be written: no default is, so that a short entry stays short."""
    value = entry.model_dump(mode="json", exclude_defaults=True)
    return {key: value[key] for key in _ORDER if key in value}


def _block(value: Mapping[str, Any], column: int) -> str:
    lines = [f"{key}: {_flow(part)}" for key, part in value.items()]
    indent = " " * column
    return "".join(f"{indent}{'  ' if i else '- '}{line}\n" for i, line in enumerate(lines))


def _flow(value: str | list[str]) -> str:
    """Write a text, or a list of them, on one line."""
    written = yaml.safe_dump(
        value if isinstance(value, list) else [value],
        allow_unicode=True,
        default_flow_style=True,
        width=1_000_000,
    ).strip()
    return written if isinstance(value, list) else written[1:-1]


def _not_editable() -> NotEditable:
    return NotEditable(
        "the catalogue's file can't be added to in one place",
        hint="Write it as a list with each entry on lines of its own, beginning with `- name:`.",
    )
