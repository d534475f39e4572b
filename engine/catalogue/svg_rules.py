"""What an SVG may hold: a drawing that is whole in itself, and nothing that asks for more.

The renderer would open files that an `image` names and take fonts from the machine for `text`, and
it leaves out scripts, addresses and endless repetitions without a word. Each of them is refused
here by name, so that what is drawn is what its author sees. Expat opens nothing by itself.
"""

import re
from typing import Final
from xml.parsers import expat

from engine.catalogue.flaws import Flaw, Unusable

_SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_REFUSED: Final = {
    "text": Flaw.TEXT,
    "tspan": Flaw.TEXT,
    "image": Flaw.EMBEDDED,
    "feImage": Flaw.EMBEDDED,
    "foreignObject": Flaw.EMBEDDED,
    "script": Flaw.SCRIPT,
}
_HREFS: Final = ("href", f"{_XLINK} href")
# An address in a style, `url(...)`, that is no part of this file, or `@import` of another.
_AWAY: Final = re.compile(r"""url\(\s*["']?\s*[^#"'\s]|@import""", re.IGNORECASE)
_STYLED: Final = ("style", "fill", "stroke", "filter", "mask", "clip-path", "marker")


class _Rules:
    """Hears the parser; raises `Unusable` at the first thing that is refused."""

    def __init__(self) -> None:
        self._names: list[str] = []
        self._ids: list[str] = []
        self._uses: dict[str, set[str]] = {}
        """By id of a part: the parts that are repeated inside it."""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, local = name.rpartition(" ")
        if not self._names and (namespace, local) != (_SVG, "svg"):
            raise Unusable(Flaw.NOT_AN_IMAGE)
        self._names.append(local)
        self._ids.append(attributes.get("id", ""))
        if namespace != _SVG:
            return
        if local in _REFUSED:
            raise Unusable(_REFUSED[local])
        for key, value in attributes.items():
            # Where a link leads when it is clicked changes no drawing.
            if key in _HREFS and local != "a":
                self._refer(local, value.strip())
            elif key.startswith(_STYLED) and _AWAY.search(value):
                raise Unusable(Flaw.ELSEWHERE)

    def _refer(self, local: str, target: str) -> None:
        if not target.startswith("#"):
            raise Unusable(Flaw.ELSEWHERE)
        if local == "use":
            for part in filter(None, self._ids):
                self._uses.setdefault(part, set()).add(target[1:])

    def text(self, text: str) -> None:
        if self._names and self._names[-1] == "style" and _AWAY.search(text):
            raise Unusable(Flaw.ELSEWHERE)

    def end(self, _: str) -> None:
        self._names.pop()
        self._ids.pop()

    def instruction(self, target: str, _: str) -> None:
        if target == "xml-stylesheet":
            raise Unusable(Flaw.ELSEWHERE)

    def entity(self, *_: object) -> None:
        # An entity is a short way to write a long file, or another file.
        raise Unusable(Flaw.ENTITIES)

    def require_an_end(self) -> None:
        """Raise `Unusable` where a part is repeated inside itself, by way of others or at once."""
        sound: set[str] = set()
        for start in self._uses:
            # Without recursion: a hostile chain is as long as its file.
            path, stack = {start}, [(start, iter(self._uses[start]))]
            while stack:
                part, further = stack[-1]
                following = next(further, None)
                if following is None:
                    stack.pop()
                    path.discard(part)
                    sound.add(part)
                elif following in path:
                    raise Unusable(Flaw.ENDLESS)
                elif following not in sound and following in self._uses:
                    path.add(following)
                    stack.append((following, iter(self._uses[following])))


def looks_like_svg(raw: bytes) -> bool:
    """Say whether the file is to be read as SVG; whether it is one shows in the reading."""
    return b"<svg" in raw[:4096]


def check_svg(raw: bytes) -> None:
    """Raise `Unusable` unless this is well-formed XML with the root `svg` and nothing refused."""
    rules = _Rules()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = rules.begin
    parser.EndElementHandler = rules.end
    parser.CharacterDataHandler = rules.text
    parser.ProcessingInstructionHandler = rules.instruction
    parser.EntityDeclHandler = rules.entity
    try:
        parser.Parse(raw, True)
    except expat.ExpatError:
        raise Unusable(Flaw.DAMAGED) from None
    rules.require_an_end()
