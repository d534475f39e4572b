"""The sections of the report, one function each, each from a verified log."""

from collections.abc import Iterator
from html import escape

from audit.bodies import BudgetReserve, Release, RunStart
from audit.checkpoint import SignedCheckpoint
from audit.cosignature import cosigners
from audit.entries import Entry
from audit.errors import AuditError
from audit.ledger import Account
from audit.merkle import inclusion_proof, leaf_hash
from audit.proof import TlogProof
from audit.report.chart import burn_down
from audit.report.governance import log_keys
from audit.report.page import block, code, details, facts, grouped, heading, paragraph, table
from audit.report.qr import qr_svg
from audit.trust import Trust
from audit.verify import Verification
from audit.words import UNREMEMBERED, amount_words, sentence, short, spent_on

PROOFS = 20
"""Releases whose proofs stand in the report: the newest."""
SPENDS = 200
"""Spends of a dataset that its table shows: the newest."""
RELEASES = 200
"""Releases that the report lists: the newest."""
STAMPS = 100
"""Time stamps that the report lists: the newest."""
TIMELINE = 500
"""Entries that the timeline shows: the newest."""
_WORDS = {"passed": "passed", "failed": "FAILED", "not-checked": "not checked"}


def verdict(found: Verification) -> Iterator[str]:
    """The answer, and every question behind it."""
    open_questions = sum(c.status == "not-checked" for c in found.checks)
    if found.failure is None:
        asked = "question was" if open_questions == 1 else "questions were"
        but = f" {open_questions} {asked} not asked; see below." if open_questions else ""
        words, kind = f"{found.size} entries verify.{but}", "passed"
        title = "Verified"
    else:
        words, kind, title = str(found.failure), "failed", "Not verified"
    said = escape(words[:1].upper() + words[1:])
    yield f'<div class="verdict {kind}"><strong>{title}</strong>{said}</div>'
    if found.failure is None and not found.remembered:
        yield paragraph(f"{UNREMEMBERED[:1].upper()}{UNREMEMBERED[1:]}.")
    yield heading("What was checked")
    yield table(
        ["Answer", "Question", "In words"],
        [
            [
                f'<span class="status {c.status}"><b>{_WORDS[c.status]}</b></span>',
                escape(c.name),
                escape(c.explanation),
            ]
            for c in found.checks
        ],
    )


def checkpoint(found: Verification, trust: Trust) -> Iterator[str]:
    """The head that everything rests on, for people to compare."""
    yield heading("The checkpoint")
    last = found.entries[found.size - 1].at if 0 < found.size <= len(found.entries) else "nothing"
    yield paragraph(
        f"The log holds {found.size} entries, the newest of {last}. Whoever remembers this size "
        "and root, on paper or by heart, notices any later change of these entries. Compare them "
        "with what a colleague, a witness or an earlier report says."
    )
    yield facts(
        [
            ("Log", code(found.origin)),
            ("Entries", escape(str(found.size))),
            ("Root", f'<span class="digest">{grouped(found.root)}</span>'),
        ]
    )
    yield qr_svg(found.checkpoint)
    yield details(
        "The signed checkpoint itself", block(found.checkpoint.decode("utf-8", "replace"))
    )
    yield heading("Whom this report believes")
    yield paragraph(
        "These keys come from the trust file, which an auditor gets by another way than "
        "the log. With other keys, everything here is worth nothing."
    )
    yield facts([("Log", code(str(trust.log))), ("Quorum", escape(_quorum(trust)))])
    yield from log_keys(found, trust)
    signed = _cosigned(found, trust)
    if trust.witnesses:
        yield table(
            ["Witness", "Cosigned this checkpoint"],
            [
                [code(str(w.vkey)), "yes" if w.vkey.name in signed else "no"]
                for w in trust.witnesses
            ],
        )
    if trust.approvers:
        yield table(
            ["Approver's role", "Key"],
            [[escape(a.role), code(a.key)] for a in trust.approvers],
        )


def _quorum(trust: Trust) -> str:
    if not trust.quorum:
        return "no witness is asked for: nobody would notice an older copy of this log"
    return f"{trust.quorum} of {len(trust.witnesses)} witnesses must have cosigned"


def _cosigned(found: Verification, trust: Trust) -> set[str]:
    try:
        note = SignedCheckpoint.parse(found.checkpoint).note
        return {key.name for key in cosigners(note, trust.witness_keys)}
    except AuditError:
        return set()


def time_stamps(found: Verification) -> Iterator[str]:
    """Before when a third party says that entries existed."""
    yield heading("Time stamps")
    if not found.stamps:
        why = next((c.explanation for c in found.checks if c.name == "time stamps"), "")
        yield paragraph(f"No third party's word for a time was checked: {why}.")
        return
    yield paragraph(
        "An authority whose certificate the auditor gave says that the entries existed before a "
        "moment. It does not say that they are the newest or the only ones; witnesses do that."
    )
    yield table(
        ["First entries", "Existed before (UTC)", "Kept in anchors as"],
        [
            [str(s.size), escape(f"{s.before:%Y-%m-%d %H:%M:%S}"), code(s.name)]
            for s in found.stamps[-STAMPS:]
        ],
        numbers=[0],
    )


def budgets(found: Verification) -> Iterator[str]:
    """What each dataset may lose, has lost and has left."""
    yield heading("The privacy budget")
    yield paragraph(
        "Added up anew from the log. What was spent is never given back, whatever "
        "became of its run; a filled dot is a spend whose run ended in a release."
    )
    if not found.ledger.datasets:
        yield paragraph("No dataset was declared yet.")
    statistics = {e.seq: e.body for e in found.entries if isinstance(e.body, BudgetReserve)}
    for name in found.ledger.datasets:
        account = found.ledger.account(name)
        yield f"<h3>Dataset {escape(name)}</h3>"
        if len(account.reservations) > SPENDS:
            yield paragraph(f"The table has the newest {SPENDS} spends; the figure has all.")
        yield (
            f"<figure>{burn_down(account)}<figcaption>{escape(_balance(account))}</figcaption>"
            "</figure>"
        )
        yield table(
            ["Entry", "Spent", "On", "Periods", "Released"],
            [
                [
                    str(spend.seq),
                    escape(amount_words(statistics[spend.seq].cost)),
                    escape(
                        ", ".join(map(spent_on, statistics[spend.seq].statistics)) or "nothing new"
                    ),
                    escape(" to ".join(statistics[spend.seq].periods) or "all of the policy"),
                    "yes" if spend.published else "no",
                ]
                for spend in account.reservations[-SPENDS:]
            ],
            numbers=[0],
        )


def _balance(account: Account) -> str:
    return (
        f"Total: {account.total}. Spent: {account.spent}. "
        f"Published: {account.published}. Left: {account.remaining}."
    )


def studies(found: Verification) -> Iterator[str]:
    """Code and models."""
    yield heading("Code and models")
    used: dict[tuple[str, str], list[int]] = {}
    for entry in found.entries:
        if isinstance(entry.body, RunStart):
            version = f"Crowdlens {entry.body.code.version}"
            used.setdefault((version, entry.body.code.source), []).append(entry.seq)
            for model in entry.body.models:
                used.setdefault((model.name, model.digest), []).append(entry.seq)
    yield table(
        ["Name", "Digest", "Runs", "First entry", "Last entry"],
        [
            [escape(name), code(digest), str(len(at)), str(at[0]), str(at[-1])]
            for (name, digest), at in sorted(used.items())
        ],
        numbers=[2, 3, 4],
    )


def releases(found: Verification) -> Iterator[str]:
    """What left, with the proofs that the newest are in the log."""
    out = [e for e in found.entries[: found.size] if isinstance(e.body, Release)]
    yield heading("Releases")
    yield paragraph(
        f"{len(out)} in all. A file is an approved output only if its digest stands "
        "here; crowdlens audit verify --release DIR compares."
    )
    leaves = [leaf_hash(e.line()) for e in found.entries[: found.size]] if out else []
    signed = SignedCheckpoint.parse(found.checkpoint) if out else None
    for number, entry in enumerate(reversed(out[-RELEASES:])):
        assert isinstance(entry.body, Release)
        assert signed is not None
        title = f"Entry {entry.seq}, {entry.at}, dataset {entry.body.dataset}"
        yield f"<h3>{escape(title)}</h3>"
        yield table(
            ["File", "Digest"], [[escape(o.name), code(o.digest)] for o in entry.body.outputs]
        )
        if number < PROOFS:
            path = inclusion_proof(leaves, entry.seq)
            proof = TlogProof(entry.seq, path, signed, entry.line()).to_bytes().decode()
            yield details(
                "Its proof (C2SP tlog-proof), to be verified without the log", block(proof)
            )
    if len(out) > PROOFS:
        yield paragraph(
            f"The newest {RELEASES} are listed, the newest {PROOFS} with their proofs; crowdlens "
            "audit prove ENTRY gives any other."
        )


def timeline(found: Verification) -> Iterator[str]:
    """Every entry in words, the newest last."""
    yield heading("Timeline")
    shown = found.entries[-TIMELINE:]
    if len(shown) < len(found.entries):
        yield paragraph(
            f"The newest {TIMELINE} of {len(found.entries)} entries; crowdlens audit "
            "show and export give them all."
        )
    yield '<ol class="timeline">' + "".join(map(_moment, shown)) + "</ol>"


def _moment(entry: Entry) -> str:
    run = f", run {short(entry.run_id)[:8]}" if entry.run_id else ""
    return (
        f'<li><span class="place">{entry.seq}</span><span>{escape(sentence(entry))}</span>'
        f'<span class="day">{escape(entry.at)}, {escape(entry.type)}{escape(run)}</span></li>'
    )
