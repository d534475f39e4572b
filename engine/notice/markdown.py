"""A notice as Markdown (CommonMark); what a policy says can't mark anything up."""

from engine.notice.interface import Block, Code, Listed, Notice, Points


def as_markdown(made: Notice) -> str:
    """Return the notice as a Markdown document."""
    parts = [f"# {_plain(made.title)}"]
    if made.warning is not None:
        parts.append(f"> **{_plain(made.warning)}**")
    parts += [_plain(text) for text in made.lead]
    for section in made.sections:
        parts.append(f"## {_plain(section.title)}")
        parts += [_block(block) for block in section.blocks]
    parts += ["---", _plain(made.foot)]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Points(points):
            return "\n".join(f"- {_plain(point)}" for point in points)
        case Listed(title, names):
            return f"**{_plain(title)}:** {_plain(', '.join(names))}"
        case Code(text):
            return f"    {' '.join(text.split())}"
        case _:
            return _plain(block)


def _plain(text: str) -> str:
    """Return the text on one line, so that Markdown shows it as it is."""
    line = " ".join(text.split())
    # A dot or a hyphen marks something up at the beginning of a line alone; within, it would only
    # be hard to read.
    quiet = "".join(f"\\{c}" if c in "\\`*_[]<>|~&" else c for c in line)
    head, _, tail = quiet.partition(" ")
    if head[:1] in {"#", "+", "-", "=", ">"}:
        quiet = f"\\{quiet}"
    elif head[:-1].isdigit() and head[-1:] in {".", ")"}:
        quiet = f"{head[:-1]}\\{head[-1]} {tail}"
    return quiet
