"""The header of a safetensors file, read without the numbers behind it.

Eight bytes of length, a JSON header that says of each table its type, shape and place, then plain
numbers (github.com/huggingface/safetensors); nothing in it is ever run. Under one key of the
header's `__metadata__` stands what the file says of itself.
"""

import json
from typing import Any, BinaryIO, Final

KEY: Final = "crowdlens"
"""The one key of the metadata: more could come in any order, and the bytes would not be exact."""
_MOST_HEADER: Final = 20_000_000


class HeaderUnreadable(Exception):
    """No safetensors file of ours; says what is wrong with it."""


def read_header(file: BinaryIO) -> tuple[Any, dict[str, Any]]:
    """Return what the file says of itself, and its tables' types, shapes and places.

    Raises `HeaderUnreadable`. What is returned is as the file has it: nobody has checked it.
    """
    size = int.from_bytes(file.read(8), "little")
    if not 2 <= size <= _MOST_HEADER:
        raise HeaderUnreadable("it is no safetensors file")
    try:
        header: Any = json.loads(file.read(size))
        told = json.loads(header.pop("__metadata__")[KEY])
        tables = dict(header)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise HeaderUnreadable("its header is damaged, or it was not made by Crowdlens") from None
    return told, tables
