"""Whose photos are let in at a source's door: asked of every row before its photo is looked at.

INVARIANT: of whoever stays out nothing goes past the door: no path, no key, no mark. Their photos
are never opened, for a `SourcePhoto` is what opens one.
"""

import hashlib
import hmac
from collections.abc import Container
from datetime import date
from typing import Final

from engine.sources.identities import Persons

YES: Final = frozenset(("yes", "true"))
"""What a consent column has to say, trimmed and case-folded; whatever else it says is a no."""


class Admission:
    """Who stays out, whether consent has to be shown, and how a row that is let in is marked."""

    def __init__(
        self,
        objectors: Container[str] = frozenset(),
        *,
        consent: bool = False,
        mark_key: bytes | None = None,
    ) -> None:
        """Take the canonical ids of accounts that object, as anything that knows its members.

        Args:
            objectors: who stays out.
            consent: whether each row has to show consent, so that a source without is refused.
            mark_key: the key of the marks that a run's commitment is made of; None for none.
        """
        self.objectors, self.consent, self._mark_key = objectors, consent, mark_key
        self._joined: tuple[Persons, frozenset[str]] | None = None

    def admits(self, account: str, persons: Persons | None = None) -> bool:
        """Return whether nobody who the account counts for objects; `account` is canonical.

        Where accounts are joined, an objection by one of them is an objection by the person.
        """
        if account in self.objectors:
            return False
        return not persons or persons.get(account) not in self._persons_out(persons)

    def mark(self, account: str, path: str, day: date) -> bytes:
        """Return 32 bytes that stand for the row in the run's commitment; none without a key."""
        if self._mark_key is None:
            return b""
        parts = (account.encode(), path.encode("utf-8", "surrogatepass"), day.isoformat().encode())
        # With their lengths, so that no two rows make one text.
        row = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
        return hmac.new(self._mark_key, b"crowdlens row v1\0" + row, hashlib.sha256).digest()

    def _persons_out(self, persons: Persons) -> frozenset[str]:
        # One map serves every export of a source.
        if self._joined is None or self._joined[0] is not persons:
            out = frozenset(p for account, p in persons.items() if account in self.objectors)
            self._joined = (persons, out)
        return self._joined[1]


EVERYBODY: Final = Admission()
"""Nobody objects, no consent has to be shown, no row is marked."""


def consents(text: str | None) -> bool:
    """Return whether a cell of a consent column says yes, and nothing else."""
    return text is not None and text.strip().casefold() in YES
