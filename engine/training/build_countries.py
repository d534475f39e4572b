"""Make the table of countries that coordinates are looked up in: one byte a cell of a tenth degree.

    npm pack world-atlas@2.0.2 && tar xzf world-atlas-2.0.2.tgz package/countries-10m.json
    pip install shapely pycountry
    python -m engine.training.build_countries package/countries-10m.json

From Natural Earth's countries at 1:10 million (public domain), as TopoJSON by world-atlas (ISC).
Writes `engine/sources/countries.xz` and prints the codes for `policies/countries.py`. Takes about a
minute.

A cell is a country's where nothing else, grown by `MARGIN`, reaches into it; the sea is nothing.
So a point near a border is in no country, rather than in the wrong one. Borders are those of who
governs, as Natural Earth draws them; where that is fought over or not recognised widely there is
no country at all (`CONTESTED`, and what has no code in ISO 3166).
"""

import json
import lzma
import sys
from pathlib import Path
from typing import Any, Final

import numpy as np
import pycountry
import shapely
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from engine.sources.countries import FILE, STEPS

MARGIN: Final = 0.03
"""Degrees; about three kilometres, more than the drawing errs."""
TOO_SMALL: Final = frozenset({"VA"})
"""Told from its neighbour by nothing as coarse as this: it would take Rome out of Italy."""
CONTESTED: Final = (
    (32.4, 44.3, 36.7, 46.25),  # Crimea
    (73.4, 33.5, 80.5, 37.1),  # Kashmir
    (74.3, 32.6, 76.5, 33.5),  # Jammu
    (35.6, 32.65, 35.95, 33.4),  # Golan
    (-17.2, 20.7, -8.66, 27.67),  # Western Sahara
)
OVERSEAS: Final = (
    ("FR", "GF", (-55, 2, -51, 6)),
    ("FR", "GP", (-62, 15.7, -60.9, 16.6)),
    ("FR", "MQ", (-61.3, 14.3, -60.7, 15)),
    ("FR", "RE", (55, -21.5, 56, -20.7)),
    ("FR", "YT", (44.9, -13.1, 45.4, -12.5)),
    ("NL", "BQ", (-68.5, 12, -68.1, 12.4)),
    ("NL", "BQ", (-63.4, 17.4, -62.8, 17.7)),
    ("NO", "SJ", (-9.5, 70.5, -7, 71.5)),
    ("NO", "SJ", (10, 74, 35, 81)),
)
"""Parts that Natural Earth gives to France, the Netherlands and Norway, and ISO 3166 a code."""


def main(source: Path) -> None:
    """Read the shapes, fill the table, write it."""
    shapes = _shapes(json.loads(source.read_text(encoding="utf-8")))
    codes = sorted(code for code in shapes if code)
    height, width = 180 * STEPS, 360 * STEPS
    table = np.zeros((height, width), np.uint8)
    reached = np.zeros((height, width), np.uint8)
    for number, code in enumerate([*codes, ""], start=1):
        cells = _cells(shapes[code], height, width)
        reached[cells] += 1
        table[cells] = number if code else 0
    table[reached != 1] = 0
    told = [code for number, code in enumerate(codes, start=1) if (table == number).any()]
    again = np.zeros(256, np.uint8)
    for place, code in enumerate(told, start=1):
        again[codes.index(code) + 1] = place
    head = (" ".join(told) + "\n").encode()
    FILE.write_bytes(lzma.compress(head + again[table].tobytes(), preset=9 | lzma.PRESET_EXTREME))
    sys.stdout.write(" ".join(told) + "\n")
    sys.stderr.write(f"not told: {' '.join(sorted(set(codes) - set(told)))}\n")


def _shapes(topology: Any) -> dict[str, Any]:
    """Return the shape of each code; of what is nobody's, or contested, under the empty code."""
    (scale_x, scale_y), (left, down) = topology["transform"].values()
    arcs = [
        np.cumsum(np.array(arc), axis=0) * [scale_x, scale_y] + [left, down]
        for arc in topology["arcs"]
    ]
    codes = {country.numeric: country.alpha_2 for country in pycountry.countries}
    parts: dict[str, list[Any]] = {"": [box(*corners) for corners in CONTESTED]}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = codes.get(shape.get("id"), "")
        if code not in TOO_SMALL:
            rings = [shape["arcs"]] if shape["type"] == "Polygon" else shape["arcs"]
            parts.setdefault(code, []).extend(p for r in rings for p in _polygon(r, arcs))
    whole = {code: shapely.union_all(pieces) for code, pieces in parts.items()}
    for owner, code, corners in OVERSEAS:
        here = box(*corners)
        part = whole[owner].intersection(here)
        whole[code] = shapely.union(whole.get(code, shapely.Polygon()), part)
        whole[owner] = whole[owner].difference(here)
    return whole


def _polygon(rings: Any, arcs: list[Any]) -> list[Any]:
    """Return a polygon cut at the antimeridian."""
    outer, *holes = (_ring(ring, arcs) for ring in rings)
    if len(outer) < 4:
        # Smaller than the drawing's own steps.
        return [box(*outer.min(axis=0), *outer.max(axis=0)).buffer(0.005)]
    shape = shapely.make_valid(Polygon(outer))
    for hole in holes:
        if len(hole) > 3:
            shape = shape.difference(shapely.make_valid(Polygon(hole)))
    world = box(-180, -90, 180, 90)
    pieces = [translate(shape, turn).intersection(world) for turn in (-360, 0, 360)]
    return [piece for piece in pieces if not piece.is_empty]


def _ring(ids: list[int], arcs: list[Any]) -> Any:
    """Return a ring's points, going on past 180 degrees where it crosses that."""
    lines = [arcs[at] if at >= 0 else arcs[~at][::-1] for at in ids]
    points = np.concatenate([lines[0], *(line[1:] for line in lines[1:])])
    step = np.diff(points[:, 0])
    turns = np.where(step > 180, -360, np.where(step < -180, 360, 0))
    points[:, 0] += np.concatenate([[0], np.cumsum(turns)])
    if abs(points[-1, 0] - points[0, 0]) > 180:  # around the pole, which it leaves out
        pole = [[points[-1, 0], -90], [points[0, 0], -90], points[0]]
        points = np.vstack([points, pole])
    return points


def _cells(shape: Any, height: int, width: int) -> Any:
    """Return the cells that the shape reaches, grown by the margin: quarter by quarter."""
    cells = np.zeros((height, width), bool)
    shapely.prepare(shape)
    size = 64
    rows, columns = (axis.ravel() for axis in np.mgrid[0:height:size, 0:width:size])
    while size:
        left, top = columns / STEPS - 180, 90 - rows / STEPS
        squares = shapely.box(
            left - MARGIN, top - size / STEPS - MARGIN, left + size / STEPS + MARGIN, top + MARGIN
        )
        touched = shapely.intersects(shape, squares)
        rows, columns, squares = rows[touched], columns[touched], squares[touched]
        inside = shapely.contains_properly(shape, squares) if size > 1 else np.ones(len(rows), bool)
        for row, column in zip(rows[inside], columns[inside], strict=True):
            cells[row : row + size, column : column + size] = True
        rows, columns, size = rows[~inside], columns[~inside], size // 2
        rows = np.concatenate([rows, rows, rows + size, rows + size])
        columns = np.concatenate([columns, columns + size, columns, columns + size])
        there = (rows < height) & (columns < width)
        rows, columns = rows[there], columns[there]
    return cells


if __name__ == "__main__":
    main(Path(sys.argv[1]))
