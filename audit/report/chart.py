"""The budget of one dataset as it went down, drawn as an SVG that stands in the page itself.

One step a spend, in the order of the log. Colours stand in the elements for readers that know no
style sheet; the page's own style gives others in the dark. Floats place lines on the screen and do
nothing else: every number that is read is the exact one.
"""

from html import escape

from audit.ledger import Account

_WIDTH, _HEIGHT = 720, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 28, 16, 40, 34
_MOST_DOTS = 60
_MOST_STEPS = 600


def burn_down(account: Account) -> str:
    """Return the SVG of what was left after each spend."""
    total = account.total.main.value
    left = [total]
    for spend in account.reservations:
        left.append(left[-1] - spend.loss.main.value)
    # More steps than the drawing has columns would not be seen: every so many are drawn as one.
    every = -(-len(account.reservations) // _MOST_STEPS) or 1
    left = [total, *left[every:-1:every], left[-1]] if every > 1 else left
    steps = max(1, len(left) - 1)
    across = (_WIDTH - _LEFT - _RIGHT) / (steps + 1)

    def x(step: float) -> float:
        return _LEFT + across * step

    def y(place: int) -> float:
        share = float(left[place] / total) if total else 0.0
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (1 - share)

    points = [f"{x(0):.1f},{y(0):.1f}"]
    for place in range(1, len(left)):
        points += [f"{x(place):.1f},{y(place - 1):.1f}", f"{x(place):.1f},{y(place):.1f}"]
    points.append(f"{x(steps + 1):.1f},{y(len(left) - 1):.1f}")
    floor = _HEIGHT - _BOTTOM
    area = " ".join([f"{x(0):.1f},{floor}", *points, f"{x(steps + 1):.1f},{floor}"])
    unit = account.total.main.unit
    said = escape(
        f"{unit} left of dataset {account.dataset}: {account.total.main} at first, "
        f"{account.remaining.main} after {len(account.reservations)} spends"
    )
    parts = [
        f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{said}">',
        f"<title>{said}</title>",
        f'<polygon class="left" fill="#dfe9ef" points="{area}"/>',
        '<path class="axis" fill="none" stroke="#999" '
        f'd="M{_LEFT} {_TOP}V{floor}H{_WIDTH - _RIGHT}"/>',
        f'<polyline class="step" fill="none" stroke="#0072b2" points="{" ".join(points)}"/>',
    ]
    if len(account.reservations) <= _MOST_DOTS:
        for place, spend in enumerate(account.reservations, start=1):
            kind = "spend published" if spend.published else "spend"
            fill = "#0072b2" if spend.published else "#fff"
            parts.append(
                f'<circle class="{kind}" fill="{fill}" stroke="#0072b2" '
                f'cx="{x(place):.1f}" cy="{y(place):.1f}" r="5">'
                f"<title>entry {spend.seq}: {escape(str(spend.loss))}</title></circle>"
            )
    parts += [
        # Above the axis, where a long amount has room: on a phone the words are larger.
        _text(8, _TOP - 14, f"{unit} {account.total.main}", "start"),
        _text(_LEFT - 8, floor + 4, "0", "end"),
        _text(_LEFT, _HEIGHT - 8, "declared", "start"),
        _text(_WIDTH - _RIGHT, _HEIGHT - 8, "spends, in the order of the log", "end"),
        "</svg>",
    ]
    return "".join(parts)


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}">{escape(words)}</text>'
