"""The auditor's report: one HTML file from a log alone, that loads nothing and runs nothing."""

from collections.abc import Iterator, Sequence

from audit.report import governance, sections
from audit.report.changes import policy_changes
from audit.report.page import heading, listing, page, paragraph
from audit.trust import Trust
from audit.verify import Verification
from policies.policy import Policy

NOT_IN_THE_LOG = (
    "photos, or digests, names, places or times of photos;",
    "how many photos, faces or contributors there were, or how many were withheld;",
    "what a run read, and who objects: commitments to that say nothing without their salts;",
    "accounts, and names of the people who work with Crowdlens: keys and roles stand for them;",
    "how long anything took, and the hour of anything: an entry has a date, and no more;",
    "the numbers of a release: its digest stands there, the numbers are in the release itself;",
    "the text of a policy: its digest stands there, and whoever has the policy can compare;",
    "runs of other software on the same photos, and runs under another log: no log can show those;",
    "whether the privacy of the numbers is as promised: that is in the code, which the log names "
    "by digest.",
)


def report_html(found: Verification, trust: Trust, policies: Sequence[Policy] = ()) -> str:
    """Return the report; of a log that does not verify, only the verdict and its reasons.

    `policies` are those that the auditor has: what changed from one to the next is shown.
    """
    return page(f"Audit report, {found.size} entries", _body(found, trust, policies))


def _body(found: Verification, trust: Trust, policies: Sequence[Policy]) -> Iterator[str]:
    yield "<h1>Audit report</h1>"
    yield paragraph(
        "Made by crowdlens audit report from the log and what the auditor gave it. It is a "
        "reading, not a proof: whoever doubts it runs crowdlens audit verify and audit fsck.",
        soft=True,
    )
    yield from sections.verdict(found)
    if found.failure is not None:
        yield paragraph(
            "Nothing else that the log says is shown, because it can't be believed. Keep the log, "
            "the witnesses' folders and every checkpoint that anybody has as they are."
        )
        return
    yield from sections.checkpoint(found, trust)
    yield from sections.time_stamps(found)
    yield from sections.budgets(found)
    yield from sections.releases(found)
    yield from governance.policies(found)
    yield from sections.studies(found)
    yield from policy_changes(found, policies)
    yield from sections.timeline(found)
    yield heading("What is not in the log")
    yield listing(NOT_IN_THE_LOG)


__all__ = ["NOT_IN_THE_LOG", "report_html"]
