"""`crowdlens policy`: check, read, sign and verify the rules of a study."""

from dataclasses import asdict
from json import dumps as dump_json
from pathlib import Path
from typing import Annotated, Any

import typer

from audit import Trust
from audit.keys import load_key
from engine.adoption import objection_in, refuse
from engine.cli.completing import role as role_names
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, PolicyFile, today
from engine.cli.plan import plan_policy
from engine.cli.policy_diff import diff
from engine.cli.policy_explain import LogOption, TrustOption, explain_policy, log_beside
from engine.cli.policy_export import export
from engine.cli.policy_models import models
from engine.cli.policy_revoke import revoke
from engine.cli.policy_schema import schema
from engine.cli.policy_test import run_cases
from engine.models_in_use import require_pinned
from engine.study import approved_by, require_feasible
from policies.approvals import (
    approvals_path,
    approve,
    public_name,
    read_approvals,
    signer_of,
    write_approvals,
)
from policies.decision import applies_a_list, load_rules
from policies.documents import fields_naming
from policies.errors import ApprovalUntrusted, Finding, PolicyInvalid, PolicyRefuses
from policies.policy import Policy, read_policy

app = typer.Typer(help="Check, read, sign and verify a policy.", no_args_is_help=True)

app.command("plan")(plan_policy)
app.command("explain")(explain_policy)
app.command("diff")(diff)
app.command("test")(run_cases)
app.command("export")(export)
app.command("revoke")(revoke)
app.command("schema")(schema)
app.command("models")(models)


@app.command()
def lint(policy: PolicyFile, json: Json = False) -> None:
    """Check a policy and its catalogue; say file, line, field, rule and fix for what is wrong.

    Of a pilot or production policy it also says what the law asks for and the policy leaves unsaid:
    an error refuses the policy everywhere, a warning is for its reviewers to weigh.

    Example: crowdlens policy lint site/study.yaml
    """
    try:
        rules = load_rules(policy)
        require_feasible(rules)
        warnings = read_policy(policy)[1]
    except PolicyInvalid as error:
        if not json:
            raise
        findings = [asdict(finding) for finding in error.findings]
        show_json({"file": error.file, "ok": False, "findings": findings})
        raise typer.Exit(error.exit_code) from None
    except PolicyRefuses as error:
        if not json:
            raise
        finding = Finding(error.rule, "(file)", 0, str(error), error.hint)
        show_json({"file": policy.name, "ok": False, "findings": [asdict(finding)]})
        raise typer.Exit(error.exit_code) from None
    if json:
        digest = rules.policy.digest
        findings = [asdict(finding) for finding in warnings]
        show_json({"file": policy.name, "ok": True, "digest": digest, "findings": findings})
    else:
        for warning in warnings:
            show(warning.sentence(policy.name))
        open_fields = any(warning.rule == "PL-TEXT-002" for warning in warnings)
        verdict = "not filled in yet" if open_fields else "fine"
        show(f"{policy.name}: {verdict}, {rules.policy.digest}")


@app.command("show")
def show_policy(policy: PolicyFile, json: Json = False) -> None:
    """Show the policy as it will be applied, with every default written in and marked.

    Example: crowdlens policy show site/study.yaml
    """
    rules = load_rules(policy)
    if json:
        show_json({"digest": rules.policy.digest, "policy": rules.policy.effective})
        return
    show(f"# {rules.policy.digest}")
    for path, value in _leaves(rules.policy.effective):
        mark = "" if rules.policy.written(path) else "   # default"
        text = value if isinstance(value, str) else dump_json(value, ensure_ascii=False)
        show(f"{'.'.join(path)}: {text}{mark}")


@app.command()
def sign(
    policy: PolicyFile,
    role: Annotated[
        str,
        typer.Option("--role", help="The role in which you approve.", autocompletion=role_names),
    ],
    key: Annotated[Path, typer.Option("--key", help="Your private key, such as steward.key.")],
    trust: TrustOption = None,
    json: Json = False,
) -> None:
    """Approve exactly these rules with your key, for the log that the trust file names.

    Any later change to the rules undoes it, and so does another log. A key that the trust file does
    not list in this role is refused, with nothing written.

    Example: crowdlens policy sign site/study.yaml --role steward --key site/keys/steward.key
    """
    rules = load_rules(policy)
    require_feasible(rules)
    private, believed = load_key(key), _trust(policy, trust)
    file = approvals_path(policy)
    envelope = approve(rules.policy, role, private, believed.log.name)
    # One that does not count would make every command refuse the policy, not this role alone.
    if signer_of(envelope, role, believed.approvers) is None:
        raise ApprovalUntrusted(
            f"this key is not trusted in the role {role}, so nothing was signed",
            hint="Give that role's own key, or have its public half listed in the trust file.",
        )
    write_approvals(file, [*read_approvals(file), envelope])
    if json:
        signed = {"role": role, "key": public_name(private), "policy": rules.policy.digest}
        show_json({"approvals": str(file), **signed})
        return
    say(f"Approved as {role} by {public_name(private)}")
    show(str(file))


@app.command()
def verify(
    policy: PolicyFile,
    trust: TrustOption = None,
    document: Annotated[
        list[Path] | None,
        typer.Option("--document", help="A file that the policy names by digest. Can be repeated."),
    ] = None,
    log: LogOption = None,
    json: Json = False,
) -> None:
    """Check that the policy may run today: period, catalogue, models, approvals, evaluation.

    With `--document`, also that an impact assessment or a balancing test is the one it names. With
    a log, also that it was not revoked there and, if real, that it follows the version in use.

    Example: crowdlens policy verify site/study.yaml
    """
    rules = load_rules(policy)
    require_feasible(rules)
    require_pinned(rules)
    named = {file.name: fields_naming(rules.policy, file) for file in document or ()}
    place = log_beside(policy, log)
    if place is not None:
        refuse(objection_in(place, _trust(policy, trust), rules))
    permitted = approved_by(rules, _trust(policy, trust), today())
    given, evaluation = permitted.approvals, permitted.evaluation
    if json:
        approvers = [{"role": a.role, "key": a.key} for a in given]
        record = evaluation and evaluation.model_dump(mode="json", by_alias=True)
        answer = {"ok": True, "digest": rules.policy.digest, "approvals": approvers}
        answer["log_read"] = place is not None
        answer["optouts_within_days"] = _list_within(rules.policy)
        show_json({**answer, "evaluation": record, "documents": named})
        return
    for name, fields in named.items():
        show(f"{name}: the document of {' and '.join(fields)}")
    for approver in given:
        show(f"approved as {approver.role} by {approver.key}")
    if evaluation is not None:
        show(
            f"evaluated on {evaluation.photos} photos on {evaluation.made_on.isoformat()}, "
            f"as {evaluation.role}: {evaluation.digest}"
        )
        for path, value in _leaves(evaluation.figures.model_dump(mode="json")):
            show(f"  {' '.join(path)}: {'-' if value is None else value}")
    if place is None:
        say("Whether it was revoked or followed was not checked: no log was given (--log)")
    if (days := _list_within(rules.policy)) is not None:
        show(f"a run needs --optouts, a list brought up to date within {days} day(s)")
    show(f"{policy.name}: may run today, {rules.policy.digest}")


def _list_within(policy: Policy) -> int | None:
    """Return how old the opt-out list of a run may be; None where it needs none."""
    asked = policy.optouts
    return asked.max_age_days if asked is not None and applies_a_list(policy) else None


def _trust(policy: Path, given: Path | None) -> Trust:
    return Trust.load(given if given is not None else policy.absolute().parent / "trust.yaml")


def _leaves(value: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(value, dict) and value:
        return [leaf for name, part in value.items() for leaf in _leaves(part, (*path, name))]
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return [leaf for i, part in enumerate(value) for leaf in _leaves(part, (*path, str(i)))]
    return [(path, value)]
