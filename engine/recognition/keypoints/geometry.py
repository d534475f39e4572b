"""Whether matches between a mark's view and a photo agree on one place, size, turn and slant.

Every match alone says where the whole mark would lie (a place, a size and a turn), so every match
is a hypothesis and all of them are tried: nothing is drawn by lot. The best one's followers then
fit an affine map, which admits a slanted view (Lowe 2004, section 7.4; Romberg 2013 for the weak
check from one match).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

LEAST: Final = 3
"""Fewer matches than this agree by chance."""
_MOST: Final = 200
_LOG_SCALE: Final = np.log(1.8)
_TURN: Final = np.deg2rad(30)
_LOOSE: Final = 0.10
"""How far from its expected place a follower may lie, in sizes of the mark as seen."""
_TIGHT: Final = 0.06
_PIXELS: Final = 2.0
_SLANT: Final = 4.0
"""The longest by the shortest axis that an affine map may give a circle."""
_NONE: Final = np.zeros(0, np.int64)


def agree(
    photo: NDArray[np.float32],
    view: NDArray[np.float32],
    weight: NDArray[np.float64],
    extent: float,
) -> NDArray[np.int64]:
    """Return the positions of the heaviest set of matches that agree; none if fewer than three do.

    `photo` and `view` hold one row a match: x, y, size, angle. `extent` is the view's size.
    """
    if len(photo) > _MOST:
        kept = np.sort(np.argsort(-weight, kind="stable")[:_MOST])
        return kept[agree(photo[kept], view[kept], weight[kept], extent)]
    q, r = photo.astype(np.float64), view.astype(np.float64)
    scale = q[:, 2] / r[:, 2]
    turn = q[:, 3] - r[:, 3]
    linear = (scale * np.exp(1j * turn))[:, None]
    at, of = q[:, 0] + 1j * q[:, 1], r[:, 0] + 1j * r[:, 1]
    # row: the hypothesis; column: the match that may follow it
    miss = np.abs(at[None] - (at[:, None] + linear * (of[None] - of[:, None])))
    allowed = np.maximum(_PIXELS, _LOOSE * extent * scale)[:, None]
    turned = np.abs(np.angle(np.exp(1j * (turn[None] - turn[:, None]))))
    grown = np.abs(np.log(scale[None] / scale[:, None]))
    follows = (miss <= allowed) & (turned <= _TURN) & (grown <= _LOG_SCALE)
    best = int(np.argmax(follows @ weight))
    followers = np.flatnonzero(follows[best])
    if len(followers) < LEAST:
        return _NONE
    lead = linear[best, 0]
    start = at[best] - lead * of[best]
    found_map = np.array([[lead.real, -lead.imag, start.real], [lead.imag, lead.real, start.imag]])
    size = float(abs(lead)) * extent
    for _ in range(2):
        fitted = _fit(q[followers, :2], r[followers, :2], found_map)
        off = np.hypot(*(r[:, :2] @ fitted[:, :2].T + fitted[:, 2] - q[:, :2]).T)
        near = off <= max(_PIXELS, _TIGHT * size)
        alike = (turned[best] <= 1.5 * _TURN) & (grown[best] <= 1.3 * _LOG_SCALE)
        again = np.flatnonzero(near & alike)
        if len(again) < LEAST:
            return _NONE
        followers, found_map = again, fitted
    axes = np.linalg.svd(found_map[:, :2], compute_uv=False)
    if axes[0] > _SLANT * axes[1] or np.linalg.det(found_map[:, :2]) <= 0:
        return _NONE
    return followers


def _fit(
    at: NDArray[np.float64], of: NDArray[np.float64], prior: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the affine map of least squares, held towards `prior` where matches are few."""
    centre, spread = of.mean(axis=0), max(float(of.std()), 1.0)
    unit = np.column_stack([(of - centre) / spread, np.ones(len(of))])
    linear = prior[:, :2] * spread
    expected = np.vstack([linear.T, prior[:, :2] @ centre + prior[:, 2]])
    hold = np.diag([2.0, 2.0, 0.1])
    solved = np.linalg.solve(unit.T @ unit + hold, unit.T @ at + hold @ expected)
    back = solved[:2].T / spread
    return np.column_stack([back, solved[2] - back @ centre])
