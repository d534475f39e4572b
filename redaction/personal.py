"""Which lines of text say something about a person: for studies whose policy is `text: pii-only`.

Presidio's patterns (e-mail, card, IBAN, IP, phone, URL, crypto, dates, numbers of papers), and our
own: handles, plates, long numbers, addresses and names beside a title or a label. Offline: patterns
and checksums alone, no language model and no look-up. What no pattern can know, such as a bare
name, stays visible; that is why `default-deny` is the default. Presidio is an optional extra.
"""

import re
from functools import cache
from typing import Any, Final
from unicodedata import normalize

from redaction.errors import ModelUnusable
from redaction.text.line import Line
from redaction.text.plates import plate_like

LEAST_CONFIDENCE: Final = 0.9
"""A line read with less may say anything: one letter in ten that is misread breaks a pattern."""
MOST_DIGITS: Final = 5
"""Digits of a line that say little: a price, a year and a day. More may be a number of somebody."""
_LEFT_OUT: Final = frozenset({"SpacyRecognizer", "EmailRecognizer"})
"""The one needs a language model; the other asks a list of domains that it fetches."""

_TITLES: Final = (
    "mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|lady|lord|rev|fr|sr|sra|srta|señora?|senhora?|"
    "don|doña|herr|frau|m|mme|mlle|madame|monsieur|sig|signora?|hr|fru|dhr|mevr|capt|sgt|lt|judge"
)
_LABELS: Final = (
    "name|surname|first name|last name|given names?|forenames?|nombre|apellidos?|nom|prénom|"
    "vorname|nachname|nome|cognome|cashier|served by|salesperson|customer|client|patient|"
    "signed|signature|attn|born|dob|d\\.o\\.b\\.|date of birth|birth ?date|geboren|nacido|"
    "né|née|passport|licen[cs]e|id no|account|acct|policy no|member|phone|tel|mobile|fax|e-?mail"
)
_STREETS: Final = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|close|court|ct|square|sq|way|"
    "terrace|place|pl|crescent|highway|hwy|jalan|jln|lorong|rua|rue|calle|via|weg|allee|straat"
)
_WORD: Final = r"[^\W\d_][\w'\u2019.-]*"
_PATTERNS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"@",  # a handle or an address, whatever stands around it
        r"#\s*\w",
        r"\bwww\b|https?:|\w\.(?:com|org|net|info|co|io|me|gov|edu|[a-z]{2})\b",
        rf"\b(?:{_TITLES})\b\.?\s+{_WORD}",
        rf"\b(?:{_LABELS})\b\s*[.:#]",
        rf"\b\d+[a-z]?,?\s+(?:{_WORD}\s+){{1,3}}(?:{_STREETS})\b",
        rf"\b(?:{_STREETS})\.?\s+(?:{_WORD}\s+){{0,3}}\d+\b",
        rf"\b{_WORD}(?:strasse|straße|str\.|gasse|weg|platz)\s*\d+",
        r"\b\d{4}\s?[a-z]{2}\b|\b[a-z]{1,2}\d[a-z\d]?\s*\d[a-z]{2}\b",  # Dutch, British post codes
        r"<<",  # the lines of a passport that machines read
    )
)


@cache
def load() -> tuple[Any, ...]:
    """Return Presidio's recognisers, loaded once per process; raises `ModelUnusable`."""
    try:
        from presidio_analyzer.recognizer_registry import RecognizerRegistry  # noqa: PLC0415

        registry: Any = RecognizerRegistry()
        registry.load_predefined_recognizers(languages=["en"])
        found = tuple(r for r in registry.recognizers if r.name not in _LEFT_OUT)
    except Exception as error:
        raise ModelUnusable(
            "the patterns of personal data do not load",
            hint="`text: pii-only` needs an extra: pip install 'crowdlens[pii]'",
        ) from error
    if not found:
        raise ModelUnusable("there are no patterns of personal data")
    return found


def is_personal(text: str) -> bool:
    """Say whether a line of text holds what is, or may be, personal data.

    Raises `ModelUnusable` when Presidio is not installed: no patterns, no answer.
    """
    recognisers = load()
    # A full-width @ is an @.
    text = normalize("NFKC", text)
    if sum(c.isdigit() for c in text) > MOST_DIGITS:
        return True
    if any(pattern.search(text) for pattern in _PATTERNS):
        return True
    return any(r.analyze(text, r.supported_entities, None) for r in recognisers)


def must_be_veiled(line: Line) -> bool:
    """Say whether a line stays under the veil where only personal data does.

    INVARIANT: a line that was not read, or not surely, is veiled.
    """
    if not line.read or line.confidence < LEAST_CONFIDENCE or not line.text.strip():
        return True
    return plate_like(line) or is_personal(line.text)
