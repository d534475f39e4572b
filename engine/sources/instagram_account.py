"""Whose an export of Instagram is, and how Instagram writes text."""

import re
from collections.abc import Iterator
from typing import Any, Final

from engine.sources.documents import objects, part, read_json, text_of
from engine.sources.errors import SourceUnusable
from engine.sources.places import Place

_PERSONAL: Final = (
    "personal_information/personal_information/personal_information.json",
    "personal_information/personal_information.json",
    "account_information/personal_information.json",
    "profile.json",
)
"""Newer exports first."""
# The account's language names the field.
_USERNAMES: Final = frozenset(
    (
        *("username", "benutzername", "nombre de usuario", "nome utente", "nom d\u2019utilisateur"),
        *("nom d'utilisateur", "nome de usuário", "nome de utilizador", "gebruikersnaam"),
    )
)
# As Instagram calls its exports; what follows may be a browser's.
_NAME = re.compile(r"instagram-([\w.]+)-\d{4}-\d{2}-\d{2}-\w", re.ASCII)


def account_of(place: Place) -> str:
    """Return the account's name; raises `SourceUnusable` where nothing gives it."""
    files = {*place.below("personal_information"), *place.below("account_information")}
    files |= set(place.files())
    for path in _PERSONAL:
        if path in files:
            said = read_json(place, path, "the Instagram export's personal information")
            if name := next(_usernames(said), ""):
                return name
    for called in reversed(place.names):
        if match := _NAME.match(called):
            return match[1]
    raise SourceUnusable(
        "the Instagram export does not name its account",
        hint="Ask for personal information too, or keep the name that Instagram gave the file.",
    )


def plain(text: str) -> str:
    """Return what was meant: Instagram writes each byte of UTF-8 as a letter of Latin-1."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except ValueError:
        return text


def _usernames(document: Any) -> Iterator[str]:
    for field, value in _fields(document):
        if plain(field).casefold() in _USERNAMES and value:
            yield plain(value)


def _fields(document: Any) -> Iterator[tuple[str, str]]:
    said = part(document, "profile_user", 0, "string_map_data")
    if isinstance(said, dict):
        yield from ((field, text_of(value, "value")) for field, value in said.items())
    for entry in objects(document if isinstance(document, list) else [document]):
        for value in objects(entry, "label_values"):
            yield text_of(value, "label"), text_of(value, "value")
    yield "username", text_of(document, "username")
