"""A notice as one HTML file: no script, no network, light and dark, on a phone and on paper."""

from html import escape

from engine.notice.interface import Block, Code, Listed, Notice, Points
from engine.notice.style import STYLE


def as_html(made: Notice) -> str:
    """Return the notice as a whole page; nothing that a policy says is taken for markup."""
    warning = "" if made.warning is None else f'<p class="warning">{escape(made.warning)}</p>\n'
    lead = "".join(f'<p class="lead">{escape(text)}</p>\n' for text in made.lead)
    sections = "".join(
        f'<section aria-labelledby="s{number}">\n<h2 id="s{number}">{escape(section.title)}</h2>\n'
        f"{''.join(_block(block) for block in section.blocks)}</section>\n"
        for number, section in enumerate(made.sections, 1)
    )
    title = f"{'Draft: ' if made.draft else ''}{made.title}"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        # Should anything of a policy ever get through as markup, a browser runs nothing of it.
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\';'
        " style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
        f"<header>\n<h1>{escape(made.title)}</h1>\n{warning}{lead}</header>\n"
        f"<main>\n{sections}</main>\n<footer><p>{escape(made.foot)}</p></footer>\n</body>\n</html>\n"
    )


def _block(block: Block) -> str:
    match block:
        case Points(points):
            return (
                f"<ul>\n{''.join(f'<li>{escape(point)}</li>' + chr(10) for point in points)}</ul>\n"
            )
        case Listed(title, names):
            listed = "".join(f"<li>{escape(name)}</li>" for name in names)
            return f'<h3>{escape(title)}</h3>\n<ul class="names">{listed}</ul>\n'
        case Code(text):
            return f'<pre tabindex="0"><code>{escape(text)}</code></pre>\n'
        case _:
            return f"<p>{escape(block)}</p>\n"
