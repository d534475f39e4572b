"""HEIC files, box by box (ISO/IEC 14496-12 and 23008-12), around one small HEVC still.

The still is 96 by 64 pixels in four quarters: red, green, blue and light grey, row by row.
"""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass

_CONFIGURATION = base64.b64decode(
    "AQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQArQgEBA3AAAAMAkAAA"
    "AwAAAwAeoDCBBZbqSSmubgIaDAgAAAMAyAAAAwAIQGIAAQAHRAHBcrAiQA=="
)
STILL = base64.b64decode(
    "AAAAuCgBrwng4wucuq///Z3///5Fu5D9PQOkr0TzyKGPcf//Cb1BS1pmgVUko4kc5uJ1EgGqTs/wDtVSmDDox1l/hp5u"
    "aWkihLabXQ++f2/vdB5H/+3zR4/fCSP/zhzKRrgwndPeOrRcS/MArOXzZEgWS+08hzyRdi5V2Sw6m1D37b+lffqOZ/7s"
    "CPlw4Jvwt7Sdd/mwtP05T0/9b8I+T8Z7rqfGjb2m7Gk9tAEHy0fjaGm6bmBP//uFf4A="
)
WIDTH, HEIGHT = 96, 64


@dataclass(frozen=True)
class Item:
    """One item of the file; the first is the primary picture."""

    kind: bytes
    data: bytes
    properties: tuple[bytes, ...] = ()
    refers: tuple[tuple[bytes, int], ...] = ()
    """Kinds of reference, and the numbers of the items that are meant, from 1."""
    name: bytes = b""
    content_type: bytes = b""


def box(kind: bytes, *parts: bytes) -> bytes:
    """Return a box."""
    data = b"".join(parts)
    return struct.pack(">I", 8 + len(data)) + kind + data


def full_box(kind: bytes, version: int, *parts: bytes) -> bytes:
    """Return a box with version and flags."""
    return box(kind, bytes([version, 0, 0, 0]), *parts)


def still(*properties: bytes, **more: object) -> Item:
    """Return the picture as an item, with further properties such as `rotation(1)`."""
    size = full_box(b"ispe", 0, struct.pack(">II", WIDTH, HEIGHT))
    return Item(b"hvc1", STILL, (box(b"hvcC", _CONFIGURATION), size, *properties), **more)  # type: ignore[arg-type]


def rotation(quarters: int) -> bytes:
    """Return `irot`: turned anticlockwise by so many quarters."""
    return box(b"irot", bytes([quarters]))


def mirror(axis: int) -> bytes:
    """Return `imir`: 0 exchanges top and bottom, 1 left and right."""
    return box(b"imir", bytes([axis]))


def heic(items: Sequence[Item], *between: bytes) -> bytes:
    """Return a file of these items, with further boxes between the directory and the data."""
    start = box(b"ftyp", b"heic", bytes(4), b"mif1", b"heic")
    # Offsets have a fixed width, so that a second pass knows them.
    size = len(start) + len(_directory(items, 0)) + sum(map(len, between)) + 8
    data = box(b"mdat", *(item.data for item in items))
    return start + _directory(items, size) + b"".join(between) + data


def _directory(items: Sequence[Item], offset: int) -> bytes:
    properties: list[bytes] = []
    places, infos, links, associations = [], [], [], []
    for number, item in enumerate(items, 1):
        places.append(struct.pack(">HHHII", number, 0, 1, offset, len(item.data)))
        offset += len(item.data)
        tail = item.content_type + b"\0" if item.kind == b"mime" else b""
        infos.append(
            full_box(b"infe", 2, struct.pack(">HH", number, 0), item.kind, item.name, b"\0", tail)
        )
        links += [box(k, struct.pack(">HHH", number, 1, to)) for k, to in item.refers]
        if item.properties:
            first = len(properties) + 1
            properties += item.properties
            numbers = range(first, first + len(item.properties))
            associations.append(struct.pack(">HB", number, len(item.properties)) + bytes(numbers))
    return full_box(
        b"meta",
        0,
        full_box(b"hdlr", 0, bytes(4), b"pict", bytes(13)),
        full_box(b"pitm", 0, struct.pack(">H", 1)),
        full_box(b"iloc", 0, b"\x44\0", struct.pack(">H", len(items)), *places),
        full_box(b"iinf", 0, struct.pack(">H", len(items)), *infos),
        *([full_box(b"iref", 0, *links)] if links else []),
        box(
            b"iprp",
            box(b"ipco", *properties),
            full_box(b"ipma", 0, struct.pack(">I", len(associations)), *associations),
        ),
    )
