"""A release's proof once more (C2SP tlog-proof): one entry, its place, and who says so."""

import re
from typing import Any

from audit.fsck import form
from audit.fsck.notes import Head, unbase64
from audit.fsck.pins import Pins
from audit.fsck.problem import Problem, tampered
from audit.fsck.spans import Spans
from audit.fsck.tree import check_inclusion, leaf

_FORM = re.compile(
    rb"c2sp\.org/tlog-proof@v1\n(?:extra ([A-Za-z0-9+/=]*)\n)?index (0|[1-9][0-9]{0,14})\n"
    rb"((?:[A-Za-z0-9+/=]{44}\n){0,63})\n(.*)",
    re.DOTALL,
)


def check_proof(data: bytes, pins: Pins) -> dict[str, Any]:
    """Return the entry that a proof with its entry in it proves; raises `Problem`."""
    match = _FORM.fullmatch(data)
    if match is None:
        raise tampered("this is no proof")
    head = Head.read(match[4])
    hashes = [unbase64(line.decode()) for line in match[3].splitlines()]
    Spans.of_pins(pins).check(head)
    if sum([head.cosigned(key) for key, _ in pins.witnesses]) < pins.quorum:
        raise Problem(6, "too few trusted witnesses cosigned the checkpoint")
    if match[1] is None:
        raise tampered("the proof does not carry its entry")
    line, index = unbase64(match[1].decode()), int(match[2])
    check_inclusion(leaf(line), index, head.size, hashes, head.root)
    entry = form.read(line)
    if entry["seq"] != index:
        raise tampered("the entry's number is not its place in the log")
    return entry
