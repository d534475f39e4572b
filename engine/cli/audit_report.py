"""`crowdlens audit report`: the log for people, on one page."""

from pathlib import Path
from typing import Annotated

import typer

from audit import Trust, verify
from audit.durable import create_result
from audit.report import report_html
from engine.cli.audit_fsck import Anchors, Policies, Releases
from engine.cli.audit_timestamp import Authorities, time_authority
from engine.cli.console import show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, trust_file
from policies.policy import load_policy


def report(
    log: LogDirectory,
    out: Annotated[Path, typer.Option("--out", "-o", help="A new HTML file.")],
    trust: TrustFile = None,
    releases: Releases = None,
    anchors: Anchors = None,
    policies: Policies = None,
    authorities: Authorities = None,
    json: Json = False,
) -> None:
    """Write one offline page: verdict, keys, checkpoint, budget, releases with proofs, timeline.

    With the versions of a policy given by --policy, it shows what each changed, and which way.
    A log that does not verify gets a page that says so and no more, and its exit code.

    Example: crowdlens audit report --log site/log --out audit.html
    """
    keys = Trust.load(trust_file(trust, log))
    found = verify(
        log,
        keys,
        releases=releases or (),
        anchors=anchors or (),
        policies=policies or (),
        authority=time_authority(authorities),
    )
    given = [load_policy(file) for file in policies or ()]
    create_result(out, report_html(found, keys, given).encode())
    if json:
        show_json({"out": str(out), "verified": found.failure is None, "entries": found.size})
    else:
        verdict = "verified" if found.failure is None else "NOT VERIFIED"
        show(f"{out}  {verdict}: {found.size} entries")
    if found.failure is not None:
        raise found.failure
