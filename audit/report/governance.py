"""The report's sections on the log's keys, and on policies and what became of them."""

from collections.abc import Iterator
from html import escape

from audit.bodies import KeyRotate, PolicyAdopt, PolicyRevoke
from audit.report.page import code, heading, paragraph, table
from audit.trust import Trust
from audit.verify import Verification


def log_keys(found: Verification, trust: Trust) -> Iterator[str]:
    """The keys that followed the pinned one, and what the trust file says against any."""
    later = [(e, e.body) for e in found.entries if isinstance(e.body, KeyRotate)]
    if later:
        yield paragraph(
            "The log's key was changed. Each key took over by the word of the one before, over all "
            "entries up to there; it signs from the size named on, where both have signed."
        )
        yield table(
            ["Entry", "Date", "Signs from size", "Key"],
            [
                [str(entry.seq), escape(entry.at), str(entry.seq + 1), code(body.new)]
                for entry, body in later
            ],
            numbers=[0, 2],
        )
    if trust.revoked:
        yield table(
            ["Revoked key of the log", "Counts up to size"],
            [[code(str(key.vkey)), str(key.last_good)] for key in trust.revoked],
            numbers=[1],
        )


def policies(found: Verification) -> Iterator[str]:
    """The policies that were adopted, and whether they may still be used."""
    yield heading("Policies")
    rows, adopted, fates = [], set(), _fates(found)
    for entry in found.entries:
        body = entry.body
        if isinstance(body, PolicyAdopt):
            adopted.add(body.policy)
            rows.append(
                [
                    str(entry.seq),
                    escape(f"{body.id} version {body.version}"),
                    escape(body.class_),
                    escape(body.not_after),
                    escape(", ".join(a.role for a in body.approvals) or "nobody"),
                    escape(fates.get(body.policy, "in use")),
                    code(body.policy),
                ]
            )
    columns = ["Entry", "Policy", "Class", "Valid up to", "Approved by", "Standing", "Digest"]
    yield table(columns, rows, numbers=[0])
    unused = [
        e
        for e in found.entries
        if isinstance(e.body, PolicyRevoke) and e.body.policy not in adopted
    ]
    if unused:
        yield paragraph("Revoked before they were ever adopted:")
        yield table(
            ["Entry", "Digest"],
            [[str(e.seq), code(e.body.policy)] for e in unused if isinstance(e.body, PolicyRevoke)],
            numbers=[0],
        )


def _fates(found: Verification) -> dict[str, str]:
    """Return what became of policies: a revocation is for ever, a newer version puts one aside."""
    fates: dict[str, str] = {}
    revoked: dict[str, str] = {}
    for entry in found.entries:
        body = entry.body
        if isinstance(body, PolicyRevoke):
            revoked.setdefault(body.policy, f"revoked in entry {entry.seq}, as {body.role}")
        elif isinstance(body, PolicyAdopt) and body.class_ != "test" and body.supersedes:
            fates.setdefault(body.supersedes, f"followed in entry {entry.seq}")
    return fates | revoked
