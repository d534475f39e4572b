"""`crowdlens policy revoke`: stop a policy, in the log, for ever."""

from pathlib import Path
from typing import Annotated

import typer

from audit import Log, PolicyAdopt, Trust
from audit.keys import load_key
from engine.cli.completing import role as role_names
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, PolicyFile, TrustFile, today, trust_file
from policies.policy import load_policy
from policies.revocation import revoke as sign_revocation


def revoke(
    policy: PolicyFile,
    role: Annotated[
        str,
        typer.Option(
            "--role", help="The role in which you may approve.", autocompletion=role_names
        ),
    ],
    key: Annotated[Path, typer.Option("--key", help="Your private key, such as steward.key.")],
    log: LogDirectory,
    trust: TrustFile = None,
    json: Json = False,
) -> None:
    """Stop a policy for ever: nothing starts, is spent or is released under it any more.

    One approver of the trust file is enough, in whatever role, because less leaves. The log keeps
    the signature. It can't be taken back; a new version of the policy can be approved.

    Example: crowdlens policy revoke site/study.yaml --role steward --key steward.key --log site/log
    """
    rules = load_policy(policy)
    opened = Log.open(log, Trust.load(trust_file(trust, log)), today())
    entry = opened.revoke_policy(
        sign_revocation(rules.digest, role, load_key(key), opened.vkey.name)
    )
    adopted = any(
        isinstance(e.body, PolicyAdopt) and e.body.policy == rules.digest for e in opened.entries()
    )
    if json:
        show_json({"policy": rules.digest, "entry": entry.seq if entry else None})
        return
    if entry is None:
        say("It was revoked by you already; nothing was written")
    if not adopted:
        say("The log has adopted no policy of exactly these rules: is it the file that was run?")
    show(f"{policy.name}: revoked as {role}, {rules.digest}")
