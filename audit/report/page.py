"""Pieces of the page: everything that comes from the log is escaped here, and nowhere else."""

from collections.abc import Iterable, Sequence
from html import escape

from audit.report.style import STYLE

_GROUP = 8


def page(title: str, body: Iterable[str]) -> str:
    """Return a whole page that loads nothing, runs nothing and asks nobody."""
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>",
            *body,
            "</main>\n</body>\n</html>\n",
        ]
    )


def heading(words: str) -> str:
    """Return a section's heading."""
    return f"<h2>{escape(words)}</h2>"


def paragraph(words: str, *, soft: bool = False) -> str:
    """Return a paragraph."""
    return f"<p{' class=soft' if soft else ''}>{escape(words)}</p>"


def code(words: str) -> str:
    """Return a digest, key or command."""
    return f"<code>{escape(words)}</code>"


def block(words: str) -> str:
    """Return text as it is."""
    return f"<pre>{escape(words)}</pre>"


def grouped(root: bytes) -> str:
    """Return a root in groups of 8 digits, for two people to compare aloud."""
    text = root.hex()
    return " ".join(text[at : at + _GROUP] for at in range(0, len(text), _GROUP))


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names with values; the values are HTML already."""
    return "<dl>" + "".join(f"<dt>{escape(n)}</dt><dd>{v}</dd>" for n, v in pairs) + "</dl>"


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()
) -> str:
    """Return a table whose cells are HTML already; `numbers` are the columns set to the right."""
    right = set(numbers)
    kinds = [" class=number" if place in right else "" for place in range(len(columns))]
    names = [escape(name) for name in columns]
    head = "".join(f"<th{kind}>{name}</th>" for name, kind in zip(names, kinds, strict=True))
    lines = "".join(
        "<tr>"
        + "".join(
            f'<td{kind} data-name="{name}">{text}</td>'
            for name, kind, text in zip(names, kinds, row, strict=True)
        )
        + "</tr>"
        for row in rows
    )
    inside = f"<thead><tr>{head}</tr></thead><tbody>{lines}</tbody>"
    return f'<div class="wide"><table>{inside}</table></div>'


def details(summary: str, inside: str) -> str:
    """Return what is shown on request; `inside` is HTML already."""
    return f"<details><summary>{escape(summary)}</summary>{inside}</details>"


def listing(items: Iterable[str]) -> str:
    """Return a list of sentences."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"
