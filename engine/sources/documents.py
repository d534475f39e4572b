"""JSON of an export, which somebody else wrote: read, and asked for its parts, without trust.

A document that is damaged makes its export unusable. A post in it that is not shaped as posts are
is left out by itself, as a photo that can't be checked is.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

from engine.sources.errors import SourceUnusable
from engine.sources.places import MOST_BYTES, Place

_HALVES = re.compile("[\ud800-\udfff]")


def read_text(place: Place, path: str, what: str) -> str:
    """Return the text of a document; raises `SourceUnusable`, which calls it `what`."""
    raw = place.document(path)
    if raw is None:
        raise SourceUnusable(
            f"{what} can't be read",
            hint="It is empty, encrypted, a link, damaged, or there twice: export it again.",
        )
    if len(raw) > MOST_BYTES:
        raise SourceUnusable(
            f"{what} is too long",
            hint=f"At most {MOST_BYTES // 2**20} MiB are read, more than platforms write: get the "
            "export again, or for fewer years.",
        )
    try:
        return raw.decode("utf-8-sig")
    except ValueError:
        raise damaged(what) from None


def parse_json(text: str, what: str) -> Any:
    """Return what a JSON text says; raises `SourceUnusable`, which calls the document `what`."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise damaged(what) from None


def read_json(place: Place, path: str, what: str) -> Any:
    """Return what a JSON document says; raises `SourceUnusable`, which calls it `what`."""
    return parse_json(read_text(place, path, what), what)


def damaged(what: str) -> SourceUnusable:
    """Return the error for a document that is not what it should be."""
    return SourceUnusable(
        f"{what} is damaged", hint="Get the export again; where the format can be chosen, as JSON."
    )


def part(value: Any, *keys: str | int) -> Any:
    """Return what lies under these keys, one in the other; None where there is no such thing."""
    for key in keys:
        if isinstance(key, str) and isinstance(value, dict):
            value = value.get(key)
        elif isinstance(key, int) and isinstance(value, list) and key < len(value):
            value = value[key]
        else:
            return None
    return value


def text_of(value: Any, *keys: str | int) -> str:
    """Return the text under these keys; an empty one where there is none, or it is no Unicode."""
    found = part(value, *keys)
    # JSON can spell half of a surrogate pair, which no file's name and no key can be made of.
    return found if isinstance(found, str) and not _HALVES.search(found) else ""


def id_of(value: Any, *keys: str | int) -> str:
    """Return the number under these keys as text, whether it is written as one or the other."""
    found = part(value, *keys)
    return str(found) if type(found) is int else text_of(found)


def objects(value: Any, *keys: str | int) -> Iterator[dict[str, Any]]:
    """Yield the objects in the list under these keys, leaving out whatever else is in it."""
    found = part(value, *keys)
    if isinstance(found, list):
        yield from (item for item in found if isinstance(item, dict))


def day_of_seconds(value: Any) -> date | None:
    """Return the UTC day of seconds since 1970, written as a number or as text."""
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    if type(value) is not int:
        return None
    try:
        return datetime.fromtimestamp(value, UTC).date()
    except (ValueError, OverflowError, OSError):
        return None


def utc_day(moment: datetime | None) -> date | None:
    """Return the day of a moment in UTC; the day as written where no time zone is."""
    if moment is None or moment.tzinfo is None:
        return moment and moment.date()
    try:
        return moment.astimezone(UTC).date()
    except (ValueError, OverflowError):
        return None
