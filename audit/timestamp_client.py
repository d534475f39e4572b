"""Asking a time-stamp authority over HTTP (RFC 3161 section 3.4), when told to and never else.

What goes there is a hash, a nonce and, as with every call, the address that asks and the moment.
The answer is believed by its signature alone, so that plain `http` is as good as `https`.
"""

import re
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from audit.errors import TimestampUnavailable
from audit.timestamp import MAX_TOKEN_BYTES, Request

PATIENCE: Final = 30.0
"""Seconds to wait for the authority to say anything."""
_URL = re.compile(
    r"https?://([A-Za-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{0,100}){0,9}"
)


def fetch(url: str, request: Request) -> bytes:
    """Return the authority's answer, not believed yet; raises `TimestampUnavailable`.

    Redirections are not followed: the authority is the one that was named.
    """
    if not _URL.fullmatch(url):
        raise TimestampUnavailable("an authority's address reads http://HOST/PATH, or https")
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    try:
        connection = kind(parts.hostname or "", parts.port, timeout=PATIENCE)
        with closing(connection):
            connection.request(
                "POST",
                parts.path or "/",
                request.body,
                {"Content-Type": "application/timestamp-query"},
            )
            answer = connection.getresponse()
            said = answer.read(MAX_TOKEN_BYTES + 1)
    except (OSError, HTTPException, ValueError) as error:
        raise TimestampUnavailable(
            "the time-stamp authority does not answer", hint="Is its address right?"
        ) from error
    if answer.status != 200:
        raise TimestampUnavailable("the time-stamp authority answers with no time stamp")
    return said
