"""The sections about the promise: privacy label, budget, purpose and approvals, proof, checks."""

from collections.abc import Iterator, Mapping
from html import escape
from math import exp
from typing import Any

from engine.insight.report.page import block, code, facts, heading, listing, paragraph, table
from engine.insight.report.subject import Subject
from policies.amounts import Loss

_CLASSES = {
    "test": "test: photos that nobody's privacy depends on",
    "pilot": "pilot: a real study on a small scale",
    "production": "production: a real study",
}


def privacy(subject: Subject) -> Iterator[str]:
    """The privacy label: what was promised to whom, in numbers and in words."""
    label = subject.labels[-1]
    yield paragraph(
        "Every number on this page was changed at random before it left, so that it hardly depends "
        "on whether one contributor's photos were used."
    )
    yield paragraph(_epsilon_words(*subject.stated, len(subject.labels)))
    yield facts(_label_facts(subject, label))
    yield heading("What each table cost")
    rows = [
        (
            str(s["id"]),
            str(s["measures"]),
            ", ".join(s["by"]) or "nothing",
            str(s["max_cells"]),
            str(s["mechanism"]),
            _amount(s),
        )
        for s in [*label["statistics"], *label["found"]]
        for s in [{"max_cells": s.get("max_labels"), **s}]
    ]
    columns = ("Table", "Counts", "By", "Cells of one contributor", "Noise", "Cost")
    yield table("Tables of the release, and what each cost", columns, rows, texts=6)
    yield heading("What the promise does not cover")
    yield listing(str(line)[:1].upper() + str(line)[1:] + "." for line in label["not_covered"])


def _label_facts(subject: Subject, label: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    accounts = int(label["accounts_of_one_person"])
    unit = "one contributor: the account that posted, with all of its photos"
    if accounts > 1:
        unit = f"one person with up to {accounts} accounts, and all of their photos"
    yield "Who is protected", escape(unit)
    yield "Compared are", escape(f"two sets of photos: {label['neighbours']}")
    many = len(subject.labels)
    lost = "Loss of this release" if many == 1 else f"Loss of these {many} releases"
    yield lost, escape(_amount(subject.loss.texts()))
    if subject.loss.rho is not None:
        epsilon, delta = subject.stated
        yield "For readers", escape(f"epsilon {epsilon} at delta {delta}")
    cells = label["max_cells"]
    yield (
        "One contributor counts",
        escape(f"in at most {cells} cells of a table, unless the table says otherwise"),
    )
    if label["accounts_joined_by_a_map"]:
        yield "Accounts", escape("joined into persons by a map of the operator's")
    yield "Class", escape(_CLASSES[subject.policy.policy_class])


def _epsilon_words(epsilon: str, delta: str, releases: int) -> str:
    factor = exp(min(float(epsilon), 50))
    # How far a guess of one half can be moved.
    moved = 100 * factor / (1 + factor)
    most = f"at most {moved:.1f} % sure" if moved > 99 else f"at most {moved:.0f} % sure"
    if moved > 99.9:
        most = "all but certain (more than 99.9 %)"
    read = "this release" if releases == 1 else f"these {releases} releases"
    but = f" But for a chance of {delta}, this holds against any knowledge." if delta != "0" else ""
    return (
        f"In words: epsilon {epsilon} means that whoever thought it a toss-up (50 %) whether a "
        f"contributor's photos were in the set can be {most} after reading {read}.{but}"
    )


def _amount(part: Mapping[str, Any]) -> str:
    unit = "rho" if part.get("rho") is not None else "epsilon"
    delta = str(part.get("delta", "0"))
    return f"{unit} {part[unit]}" + ("" if delta == "0" else f", delta {delta}")


def budget(subject: Subject) -> Iterator[str]:
    """What the dataset has left, as the log had it when this release was paid for."""
    log = subject.log
    if log is None:
        yield paragraph(
            "This copy of the report was made without the audit log, so it can't say what the "
            "dataset has left. Whoever has the log asks it:"
        )
        yield block("crowdlens budget --log LOG")
        return
    several = "this release" if len(subject.labels) == 1 else "the last of these releases"
    yield paragraph(
        f"As the audit log had it on {log.day}, when {several} was paid for and before any noise "
        "was drawn. Later releases are not in it; the log itself has the latest: crowdlens budget "
        "--log LOG."
    )
    yield table(
        f"Privacy budget of the dataset {subject.policy.dataset.id}",
        ("Part", log.total.main.unit, "delta"),
        [
            _loss("May be lost in all", log.total),
            _loss("Spent before", log.before),
            _loss(several.capitalize(), log.cost),
            _loss("Left", log.left),
        ],
    )
    yield paragraph("What is spent is never given back, and nobody can raise the total.")


def _loss(words: str, loss: Loss) -> tuple[str, str, str]:
    return words, str(loss.main), str(loss.delta)


def study(subject: Subject) -> Iterator[str]:
    """Why the study is done, by whom, and who approved it."""
    policy = subject.policy
    pairs = [("Purpose", escape(policy.purpose.statement))]
    if policy.controller is not None:
        pairs.append(("Who answers for it", escape(policy.controller.name)))
        pairs.append(("Contact", escape(policy.controller.contact)))
    pairs += [
        ("Never used for", escape(", ".join(policy.purpose.prohibited_uses) or "not said")),
        ("Photos", escape(f"{policy.dataset.id} ({policy.dataset.collection})")),
        ("For", escape("; ".join(policy.release.recipients) or "not said")),
        ("Policy", escape(f"{policy.id}, version {policy.version}")),
        ("Its digest", code(policy.digest)),
        (
            "Valid",
            escape(f"{policy.validity.not_before} to {policy.validity.not_after}"),
        ),
    ]
    yield facts(pairs)
    asked = ", ".join(f"{count} {role}" for role, count in sorted(policy.approvals.items()))
    if subject.log is None:
        yield paragraph(f"Approvals asked for: {asked or 'none (class test)'}. The log has them.")
        return
    if not subject.log.approvals:
        yield paragraph("Approved by nobody: a policy of class test needs no approval.")
        return
    rows = [(role, key) for role, key in subject.log.approvals]
    yield table("Who approved exactly these rules", ("Role", "Key"), rows, texts=2)


def proof(subject: Subject) -> Iterator[str]:
    """Where the proof is, and how everything here can be checked."""
    runs = ", ".join(str(label["run"]) for label in subject.labels)
    yield paragraph(
        "The digest of each file of the release is in an append-only log. The proof lies beside "
        "this file, as release.tlog-proof: it could not be written into a file that it speaks of."
    )
    named = [("Run" if len(subject.labels) == 1 else "Runs", code(runs))]
    if subject.log is not None:
        named.append(("Log", code(subject.log.log)))
    yield facts(named)
    yield heading("How to check this")
    yield paragraph(
        "With the release's directory, the policy file and the trust file, which comes to you by "
        "another way than the log:"
    )
    yield block(
        "# no file of the release was changed, and the log has it\n"
        "crowdlens audit verify-proof RELEASE/release.tlog-proof --trust TRUST\n"
        "crowdlens audit verify --log LOG --trust TRUST --release RELEASE\n"
        "# the budget adds up, and what is left today\n"
        "crowdlens budget --log LOG\n"
        "# this page follows from the released numbers: make it anew and compare\n"
        "crowdlens insight RELEASE --policy POLICY --log LOG --report again.html\n"
        "cmp again.html RELEASE/report.html"
    )
    yield paragraph(
        "The page that comes out is the same to the byte with the same version of Crowdlens."
    )
