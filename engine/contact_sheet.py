"""The contact sheet: redacted photos on one page, with what was veiled and why.

Promises a page that stands by itself: no script, nothing from elsewhere, the photos beside it by
their numbers. It shows places and kinds of veils; the photos before redaction, what stood under a
veil, what was read and what the files were called are not in it.
"""

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, get_args

from engine.contact_sheet_style import COLOURS, patterns, style
from engine.veil_outlines import Place
from policies.policy import Policy
from redaction import Reason
from redaction.types.region import Kind

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
DRAWING: Final = 400
"""Width of an overlay in its own units, so that patterns are as dense on every photo."""

_KINDS: Final[dict[Kind, tuple[str, str]]] = {
    "face": ("face", "a head, found by its face"),
    "person": ("person", "a whole silhouette"),
    "code": ("code", "a bar code or QR code"),
    "plate": ("plate", "a number plate"),
    "text": ("text", "text that the study may not see"),
    "remnant": ("remnant", "what only the second look found"),
}
REASONS: Final[dict[Reason, str]] = {
    Reason.EMPTY: "The file was empty or could not be opened.",
    Reason.NOT_AN_IMAGE: "The file was not an image.",
    Reason.UNSUPPORTED_FORMAT: "The image has a format that is not opened.",
    Reason.TRUNCATED: "The file ended too early.",
    Reason.DAMAGED: "The file was damaged.",
    Reason.TOO_MANY_BYTES: "The file was larger than the policy allows.",
    Reason.TOO_MANY_PIXELS: "The photo had more pixels than the policy allows.",
    Reason.TOO_MANY_FRAMES: "The file held more than one picture.",
    Reason.TOO_SMALL: "The photo was too small to be checked.",
    Reason.TOO_COSTLY: "Opening it took more time or memory than a photo may.",
    Reason.TOO_CROWDED: "So many places may be faces that some of them are.",
    Reason.STILL_VISIBLE: "The second look went on finding what should be veiled.",
    Reason.CHECK_FAILED: "The checks could not be finished.",
}


@dataclass(frozen=True)
class Copy:
    """One photo of the sheet."""

    number: str
    """Also the name of its file, without the ending."""
    size: tuple[int, int] = (0, 0)
    """Width and height of the redacted photo."""
    places: tuple[Place, ...] = ()
    """What was veiled, the largest first."""
    withheld: Reason | None = None


def counted(copies: Iterable[Copy]) -> dict[str, int]:
    """Return how many places were veiled, by kind, every kind named."""
    found = Counter(place.kind for copy in copies for place in copy.places)
    return {kind: found[kind] for kind in KINDS}


def contact_sheet(policy: Policy, copies: Sequence[Copy]) -> str:
    """Return the page, for a directory that holds `<number>.png` for each photo not withheld."""
    css = style()
    hashed = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    # `file:` because a page that is opened from a disk has no origin of its own.
    allowed = f"default-src 'none'; img-src 'self' file:; style-src 'sha256-{hashed}'; "
    allowed += "base-uri 'none'; form-action 'none'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{allowed}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Redacted copies: {escape(policy.id)}</title>\n<style>{css}</style>\n</head>\n"
        f"<body>\n{patterns()}\n<header>\n<h1>Redacted copies</h1>\n"
        "<p>Test photos as recognition would see them, with what was veiled and why. The photos "
        "before redaction are not shown, and are nowhere in this folder.</p>\n"
        f"{_facts(policy, copies)}{_legend(counted(copies))}</header>\n<main>\n"
        f'<h2 id="photos">Photos</h2>\n<ul class="grid" aria-labelledby="photos">\n'
        + "".join(f"<li>{_card(copy)}</li>\n" for copy in copies)
        + "</ul>\n</main>\n</body>\n</html>\n"
    )


def _facts(policy: Policy, copies: Sequence[Copy]) -> str:
    chosen = policy.redaction
    reasons = Counter(copy.withheld.value for copy in copies if copy.withheld)
    told = ", ".join(f"{count} {reason}" for reason, count in sorted(reasons.items()))
    facts = {
        "Policy": f"{policy.id}, version {policy.version}, class {policy.policy_class}",
        "Digest": policy.digest,
        "People": "whole silhouettes" if chosen.people == "people" else "heads",
        "Text": "all but the catalogue's words"
        if chosen.text == "default-deny"
        else "personal data, and what can't be read",
        "Veil": "grey, blending at its rim" if chosen.fill == "blend" else "grey to its edge",
        "Shown": str(len(copies) - reasons.total()),
        "Withheld": f"{reasons.total()} ({told})" if told else "0",
    }
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts.items())
    return f"<dl>{rows}</dl>\n"


def _legend(counts: dict[str, int]) -> str:
    items = "".join(
        f'<li><label><input type="checkbox" id="show-{kind}" checked>'
        f'<svg class="swatch" viewBox="0 0 64 40" aria-hidden="true">'
        f'<rect class="casing" x="4" y="4" width="56" height="32"/>'
        f'<rect class="veil {kind}" x="4" y="4" width="56" height="32"/></svg>'
        f'<span class="name">{name}<small>{meaning}</small></span>'
        f'<span class="count">{counts[kind]}</span></label></li>'
        for kind, (name, meaning) in _KINDS.items()
    )
    return (
        "<fieldset><legend>What was veiled, in how many places</legend>"
        f'<ul class="kinds">{items}</ul>'
        '<label class="every"><input type="checkbox" id="show-patterns" checked>'
        "Fill the outlines with their pattern</label></fieldset>"
    )


def _card(copy: Copy) -> str:
    if copy.withheld is not None:
        return (
            f'<figure><div class="plate"><strong>Withheld</strong>'
            f"<p>{escape(REASONS[copy.withheld])}</p><code>{copy.withheld.value}</code></div>"
            f"<figcaption><b>{copy.number}</b></figcaption></figure>"
        )
    width, height = copy.size
    told = [f"{_KINDS[kind][0]} {n}" for kind in KINDS if (n := _count(copy, kind))]
    summary = ", ".join(told) or "nothing veiled"
    parts = "".join(f"<span>{part}</span>" for part in told or ["nothing veiled"])
    return (
        f'<figure><a href="{copy.number}.png"><img src="{copy.number}.png" width="{width}" '
        f'height="{height}" loading="lazy" alt="Photo {copy.number}, redacted: {summary}">'
        f"{_overlay(copy)}</a><figcaption><b>{copy.number}</b>{parts}</figcaption></figure>"
    )


def _count(copy: Copy, kind: Kind) -> int:
    return sum(place.kind == kind for place in copy.places)


def _overlay(copy: Copy) -> str:
    scale = DRAWING / copy.size[0]
    # The largest stand first, so that none hides another.
    shapes = "".join(
        f'<path class="{which} {place.kind}" d="{_path(place, scale)}"/>'
        for place in copy.places
        for which in ("casing", "veil")
    )
    height = copy.size[1] * scale
    return f'<svg viewBox="0 0 {DRAWING} {height:.1f}" aria-hidden="true">{shapes}</svg>'


def _path(place: Place, scale: float) -> str:
    rings = (" ".join(f"{x:.1f},{y:.1f}" for x, y in ring * scale) for ring in place.rings)
    return "".join(f"M{ring}Z" for ring in rings)


assert set(COLOURS) == set(_KINDS) == set(KINDS)
