"""The checkpoint as a QR code (ISO/IEC 18004), for a phone to take along from paper or a screen.

Black on white, whatever the page's colours are: many readers take nothing else.
"""

from html import escape

import segno

from audit.checkpoint import SignedCheckpoint
from audit.errors import NoteInvalid

MOST_BYTES = 1000
"""Of the whole note; a code of more has modules too small for a phone's camera on paper."""


def qr_text(checkpoint: bytes) -> tuple[str, bool]:
    """Return what the code says, and whether that is the whole signed note.

    The note where it is short enough, so that what was scanned is an anchor; its three lines
    (origin, size, root) otherwise. Raises `NoteInvalid` where it does not parse.
    """
    note = SignedCheckpoint.parse(checkpoint).note
    if len(checkpoint) <= MOST_BYTES:
        return checkpoint.decode(), True
    return note.text, False


def qr_svg(checkpoint: bytes) -> str:
    """Return the figure with the code and what to do with it; nothing where there is no note."""
    try:
        text, whole = qr_text(checkpoint)
    except NoteInvalid:
        return ""
    code = segno.make_qr(text, error="m", mode="byte", encoding="utf-8", boost_error=False)
    drawn = code.svg_inline(
        dark="#000", light="#fff", border=4, omitsize=True, svgclass="qr", lineclass=None
    )
    name = "The checkpoint as a QR code"
    drawn = drawn.replace("<svg ", f'<svg role="img" aria-label="{name}" ', 1)
    if whole:
        said = (
            "The signed checkpoint. Keep what a phone reads from it in a file, and give that to "
            "crowdlens audit verify --anchor another time: the log must continue it."
        )
    else:
        said = (
            "Log, entries and root, without the signatures, which are too many for a code. "
            "Compare it with what a later report says of the same number of entries."
        )
    return f'<figure class="code">{drawn}<figcaption>{escape(said)}</figcaption></figure>'
