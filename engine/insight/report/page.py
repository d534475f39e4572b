"""Pieces of the page: whatever is quoted is escaped here, and nowhere else."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Final

from engine.insight.report.drawing import Drawing
from engine.insight.report.style import STYLE

MOST_ROWS: Final = 400
"""Rows of one table on the page; what is left out is counted, and said to be in the release."""


def page(title: str, sections: Sequence[tuple[str, str]], top: Iterable[str], body: str) -> str:
    """Return a whole page that loads nothing, runs nothing and asks nobody.

    Args:
        title: the page's name.
        sections: id and name of each section, for the list of contents.
        top: what stands before the contents, as HTML.
        body: the sections, as HTML.
    """
    links = "".join(f'<li><a href="#{name}">{escape(words)}</a></li>' for name, words in sections)
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            '<meta name="referrer" content="no-referrer">',
            f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
            '<a class="skip" href="#findings">Skip to the findings</a>',
            "<header>",
            *top,
            f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n</header>\n<main>',
            # A percent sign stays on its number's line.
            body.replace(" %", "\u00a0%"),
            "</main>\n</body>\n</html>\n",
        ]
    )


def section(name: str, title: str, inside: Iterable[str]) -> str:
    """Return a section with an id that stays, for links and tests."""
    body = "\n".join(inside)
    return (
        f'<section id="{name}" aria-labelledby="{name}-title">\n'
        f'<h2 id="{name}-title">{escape(title)}</h2>\n{body}\n</section>'
    )


def heading(words: str) -> str:
    """Return a heading inside a section."""
    return f"<h3>{escape(words)}</h3>"


def paragraph(words: str, kind: str = "") -> str:
    """Return a paragraph."""
    named = f' class="{kind}"' if kind else ""
    return f"<p{named}>{escape(words)}</p>"


def code(words: str) -> str:
    """Return a digest or a key."""
    return f"<code>{escape(words)}</code>"


def block(words: str) -> str:
    """Return commands as they are typed; it can be scrolled by keyboard."""
    return f'<pre tabindex="0">{escape(words)}</pre>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Return names with values; the values are HTML already."""
    return "<dl>" + "".join(f"<dt>{escape(n)}</dt><dd>{v}</dd>" for n, v in pairs) + "</dl>"


def listing(items: Iterable[str]) -> str:
    """Return a list of sentences."""
    return "<ul>" + "".join(f"<li>{escape(item)}</li>" for item in items) + "</ul>"


def details(summary: str, inside: str, kind: str = "") -> str:
    """Return what is shown on request; `inside` is HTML already. Of kind `more`, paper has it."""
    named = f' class="{kind}"' if kind else ""
    return f"<details{named}><summary>{escape(summary)}</summary>{inside}</details>"


def table(
    name: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    texts: int = 1,
    elsewhere: str = "the release's own tables",
) -> str:
    """Return a table, scrolled by itself where it is wide; the first `texts` columns are words.

    `elsewhere` says where the rows are for which there is no room.
    """
    kinds = ["" if place < texts else ' class="number"' for place in range(len(columns))]
    cells = ["" if kind else ' class="text"' for kind in kinds]
    head = "".join(
        # A column of names may go without one of its own, and is no header then.
        f'<th scope="col"{kind}>{escape(words)}</th>' if words else "<td></td>"
        for kind, words in zip(kinds, columns, strict=True)
    )
    lines = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(
            f"<td{kind}>{escape(words)}</td>"
            for kind, words in zip(cells[1:], row[1:], strict=True)
        )
        + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    more = len(rows) - MOST_ROWS
    left_out = (
        f'<p class="soft">{more:,} more rows are in {escape(elsewhere)}.</p>' if more > 0 else ""
    )
    return (
        f'<div class="wide" role="group" tabindex="0" aria-label="{escape(name)}"><table>'
        f"<caption>{escape(name)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div>{left_out}"
    )


def figure(drawing: Drawing) -> str:
    """Return a chart with its title above and its numbers behind it."""
    note = paragraph(drawing.note, "soft") if drawing.note else ""
    numbers = details("Numbers", table(drawing.title, drawing.columns, drawing.rows))
    return (
        f'<figure id="{escape(drawing.name)}"><figcaption>{escape(drawing.title)}</figcaption>'
        f"{drawing.inline()}{note}{numbers}</figure>"
    )


def figures(drawings: Iterable[Drawing]) -> str:
    """Return charts side by side, as many as the screen has room for."""
    return f'<div class="figures">{"".join(map(figure, drawings))}</div>'
