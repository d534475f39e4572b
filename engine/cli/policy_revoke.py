"""`crowdlens policy revoke`: stop a policy, in the log, for ever."""

import re
from pathlib import Path
from typing import Annotated

import typer

from audit import Log, PolicyAdopt, Trust
from audit.keys import load_key
from engine.cli.completing import role as role_names
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, today, trust_file
from policies.policy import load_policy
from policies.revocation import revoke as sign_revocation

_DIGEST = re.compile("sha256:[0-9a-f]{64}")


def revoke(
    policy: Annotated[
        Path,
        typer.Argument(
            metavar="POLICY", help="The policy file; or its digest, sha256:..., as the log has it."
        ),
    ],
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
    the signature. It can't be taken back; a new version of the policy can be approved. A file that
    was changed since has another digest: then give the one that stands in the log.

    Example: crowdlens policy revoke site/study.yaml --role steward --key steward.key --log site/log
    """
    named = str(policy)
    digest = named if _DIGEST.fullmatch(named) else load_policy(policy).digest
    opened = Log.open(log, Trust.load(trust_file(trust, log)), today())
    entry = opened.revoke_policy(sign_revocation(digest, role, load_key(key), opened.vkey.name))
    adopted = any(
        isinstance(e.body, PolicyAdopt) and e.body.policy == digest for e in opened.entries()
    )
    if json:
        show_json({"policy": digest, "entry": entry.seq if entry else None})
        return
    if entry is None:
        say("It was revoked by you already; nothing was written")
    if not adopted:
        say("The log has adopted no policy of this digest yet: is it the one that was run?")
    show(f"revoked as {role}: {digest}")
