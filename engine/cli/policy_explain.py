"""`crowdlens policy explain`: a policy in plain words, or its answer to a request."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from audit import Trust
from audit.errors import AuditError
from engine.adoption import objection_in
from engine.cli.console import show, show_json, show_table
from engine.cli.options import Json, PolicyFile
from engine.cli.plan import Crowd
from engine.explaining import explain
from engine.study import require_feasible
from policies.approvals import Approver, approvals_path, given_approvals, read_approvals
from policies.decision import StudyRules, load_rules
from policies.errors import PoliciesError
from policies.field_notes import FIELD_NOTES
from policies.judging import judge
from policies.policy import read_policy
from policies.request import read_request

REFUSED = 7
"""The policy says no."""

RequestOption = Annotated[
    str | None,
    typer.Option(
        "--request",
        metavar="FILE|TEXT",
        help="Would this be allowed, and why? A YAML file, or YAML in braces.",
    ),
]
TrustOption = Annotated[
    Path | None,
    typer.Option(
        "--trust", envvar="CROWDLENS_TRUST", help="Default: trust.yaml beside the policy."
    ),
]


LogOption = Annotated[
    Path | None,
    typer.Option(
        "--log",
        envvar="CROWDLENS_LOG",
        help="A log: is the policy still in use there? Default: the log beside it, if any.",
    ),
]


def explain_policy(
    policy: PolicyFile,
    request: RequestOption = None,
    trust: TrustOption = None,
    log: LogOption = None,
    crowd: Crowd = None,
    json: Json = False,
) -> None:
    """Say in plain words what a policy does, for whoever has to sign it; or answer a request.

    Names what is read, what leaves, how exact it is, who approved, and of each field which law it
    answers to and whether something enforces it. Reads no photo and no manifest; of the log only
    whether the policy was revoked or followed by a newer version.

    Example: crowdlens policy explain study.yaml --request '{on: 2026-06-01, statistics: [crowd]}'
    """
    rules = load_rules(policy)
    require_feasible(rules)
    if request is not None:
        _answer(rules, request, json=json)
        return
    warnings = read_policy(policy)[1]
    paragraphs = explain(rules, _approvals(rules, trust), warnings, crowd, _use(rules, trust, log))
    if json:
        show_json(
            {
                "digest": rules.policy.digest,
                "paragraphs": [asdict(paragraph) for paragraph in paragraphs],
                "fields": [asdict(note) for note in FIELD_NOTES],
            }
        )
        return
    for paragraph in paragraphs:
        show(paragraph.title)
        for line in paragraph.lines:
            show(f"  {line}")
        show()
    show("What each field answers to (GDPR, unless named; orientation, no advice)")
    show_table(
        ("field", "law", "kept", "how"), [(n.field, n.law, n.kept, n.how) for n in FIELD_NOTES]
    )


def _approvals(rules: StudyRules, trust: Path | None) -> tuple[Approver, ...] | str:
    """Return who approved, or why that can't be said; an explanation refuses nobody."""
    file = trust if trust is not None else rules.file.absolute().parent / "trust.yaml"
    if not file.exists():
        return "Who did can't be said without the trust file (--trust)."
    try:
        keys = Trust.load(file)
        envelopes = read_approvals(approvals_path(rules.file))
        return given_approvals(rules.policy, envelopes, keys.approvers, keys.log.name)
    except (PoliciesError, AuditError) as error:
        return f"Who did can't be said: {error}"


def log_beside(policy: Path, given: Path | None) -> Path | None:
    """Return the log given, or the one beside the policy; None where there is none."""
    beside = policy.absolute().parent / "log"
    return given if given is not None else beside if beside.is_dir() else None


def _use(rules: StudyRules, trust: Path | None, log: Path | None) -> str:
    """Return what the log says of the policy, or why that can't be said."""
    place = log_beside(rules.file, log)
    if place is None:
        return "Whether it was revoked or followed can't be said without the log (--log)."
    file = trust if trust is not None else rules.file.absolute().parent / "trust.yaml"
    try:
        objection = objection_in(place, Trust.load(file), rules)
    except (PoliciesError, AuditError) as error:
        return f"Whether it was revoked or followed can't be said: {error}"
    if objection is None:
        return "The log knows no revocation of it, and no newer version."
    return f"It can't be used: {objection}"


def _answer(rules: StudyRules, request: str, *, json: bool) -> None:
    answer = judge(rules, read_request(request))
    if json:
        reasons = [asdict(reason) for reason in answer.reasons]
        show_json(
            {
                "digest": rules.policy.digest,
                "allowed": answer.allowed,
                "reasons": reasons,
                "not_judged": list(answer.not_judged),
            }
        )
    else:
        show("allowed" if answer.allowed else "denied")
        for reason in answer.reasons:
            show(f"  {reason.message} [{reason.rule}]")
            show(f"    {reason.hint}")
        if answer.not_judged:
            show("  not judged, because the request leaves it out: " + ", ".join(answer.not_judged))
        if answer.allowed:
            show("  A run checks signatures, the log and what is demanded besides.")
    if not answer.allowed:
        raise typer.Exit(REFUSED)
