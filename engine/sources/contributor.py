"""From the account id in a manifest to the key that stands for it in one run.

The privacy unit is the account, so two spellings of one account must become one key: without
characters that do not show, NFC, strip, case-fold (design, "Privacy, exactly"). The key is an HMAC
under the run's own secret, so that it means nothing outside the run.
"""

import hashlib
import hmac
import unicodedata


def canonical_contributor(text: str | None) -> str | None:
    """Return the canonical account id, or None where there is none (the photo is dropped)."""
    if text is None:
        return None
    # What does not show makes no second account: two accounts that become one share one bound.
    text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    # Case-folding can undo the composition, and trimming can follow it: once more at the end.
    folded = unicodedata.normalize("NFC", text).strip().casefold()
    return unicodedata.normalize("NFC", folded).strip() or None


def contributor_key(canonical: str, key: bytes) -> str:
    """Return the 32 hex characters that stand for the account in the run that holds `key`."""
    return hmac.new(key, b"contributor\0" + canonical.encode(), hashlib.sha256).hexdigest()[:32]
