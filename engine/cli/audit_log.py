"""`crowdlens audit`: verify and read the log, trusting nobody."""

from pathlib import Path
from typing import Annotated

import typer

from audit import PROOF_NAME, TlogProof, Trust, keep_evidence, verify_release
from audit import verify as verify_log
from audit.bodies import Release
from audit.durable import read_bytes
from audit.errors import AuditError
from audit.outputs import strangers_in
from audit.words import UNREMEMBERED, sentence
from engine.cli.audit_export import export, prove_entry
from engine.cli.audit_fsck import MARKS, Anchors, Policies, Releases
from engine.cli.audit_fsck import fsck as fsck_log
from engine.cli.audit_inputs import erase, inputs
from engine.cli.audit_report import report
from engine.cli.audit_rotate import rotate_key
from engine.cli.audit_timestamp import Authorities, time_authority
from engine.cli.audit_timestamp import app as timestamp_app
from engine.cli.audit_witness import app as witness_app
from engine.cli.completing import entry_type
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, trust_file

app = typer.Typer(help="Verify and read the audit log.", no_args_is_help=True)


@app.command()
def verify(
    log: LogDirectory,
    trust: TrustFile = None,
    releases: Releases = None,
    anchors: Anchors = None,
    policies: Policies = None,
    authorities: Authorities = None,
    evidence: Annotated[
        Path | None,
        typer.Option(
            "--evidence", help="A new directory for the proof of a fork, if one is found."
        ),
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Ask the witnesses that the trust file names by URL.")
    ] = False,
    json: Json = False,
) -> None:
    """Check the log from the ground up: tree, signatures, witness, budget, releases.

    Writes nothing but the evidence of a fork, needs no photo and no private key. "Not checked" is
    never the same as passed.

    Example: crowdlens audit verify --log site/log --release release
    """
    keys = Trust.load(trust_file(trust, log))
    result = verify_log(
        log,
        keys,
        releases=releases or (),
        anchors=anchors or (),
        policies=policies or (),
        authority=time_authority(authorities),
        online=online,
    )
    if json:
        show_json(
            {
                "verified": result.exit_code == 0,
                "exit_code": result.exit_code,
                "origin": result.origin,
                "size": result.size,
                "root": result.root.hex() if result.root else None,
                "unsealed_tail": result.unsealed_tail,
                "remembered": result.remembered,
                "checks": [
                    {"name": c.name, "status": c.status, "explanation": c.explanation}
                    for c in result.checks
                ],
                "time_stamps": [
                    {"name": s.name, "size": s.size, "before": s.before.isoformat()}
                    for s in result.stamps
                ],
                "forks": [
                    {
                        "remembered_by": fork.remembered_by,
                        "ours": _plain(fork.ours),
                        "theirs": _plain(fork.theirs),
                    }
                    for fork in result.forks
                ],
            }
        )
    else:
        for check in result.checks:
            show(f"{MARKS[check.status]}  {check.name}: {check.explanation}")
        if result.unsealed_tail and result.failure is None:
            show("note         an interrupted write stands at the end, outside what is sealed")
        for fork in result.forks:
            show(f"FORK         this log's head, and the one that {fork.remembered_by} remembers:")
            show(_plain(fork.ours))
            show(_plain(fork.theirs))
        if result.forks:
            show("evidence     the log's key has signed what is remembered; --evidence keeps both")
        if result.exit_code == 0:
            for release in releases or ():
                _note_strangers(release)
            if not result.remembered:
                show(f"note         {UNREMEMBERED}")
            open_questions = sum(check.status == "not-checked" for check in result.checks)
            but = f", but {open_questions} not checked, see above" if open_questions else ""
            show(f"VERIFIED     {result.size} entries of {result.origin}{but}")
    if result.forks and evidence is not None:
        try:
            keep_evidence(evidence, result.forks, log, keys)
        except AuditError as error:  # the fork is what matters, and decides the exit code
            say(f"crowdlens: the evidence was not kept: {error}")
    if result.failure is not None:
        raise result.failure


@app.command("verify-proof")
def verify_proof(
    proof: Annotated[
        Path, typer.Argument(metavar="PROOF", help="A release's directory, or the proof in it.")
    ],
    trust: Annotated[
        Path, typer.Option("--trust", envvar="CROWDLENS_TRUST", help="The keys you believe.")
    ],
    json: Json = False,
) -> None:
    """Check a release by its proof alone: no log, no network, only the keys you believe.

    Example: crowdlens audit verify-proof release --trust trust.yaml
    """
    keys, directory = Trust.load(trust), None
    if proof.is_dir() or proof.name == PROOF_NAME:
        directory = proof if proof.is_dir() else proof.parent
        entry = verify_release(directory, keys)
        assert isinstance(entry.body, Release)
        more = f"; its own are {', '.join(output.name for output in entry.body.outputs)}"
    elif proof.suffix == Path(PROOF_NAME).suffix:
        entry = TlogProof.parse(read_bytes(proof) or b"").verify(keys)
        more = f": {sentence(entry)}"
    else:
        raise typer.BadParameter(f"give a release's directory or its {PROOF_NAME}")
    if json:
        show_json({"verified": True, "entry": entry.model_dump(mode="json", by_alias=True)})
        return
    if directory is not None:
        _note_strangers(directory)
    show(f"VERIFIED     entry {entry.seq} of {entry.at}{more}")


@app.command("show")
def show_log(
    log: LogDirectory,
    trust: TrustFile = None,
    kinds: Annotated[
        list[str] | None,
        typer.Option(
            "--type", help="Entries of this type, such as release.", autocompletion=entry_type
        ),
    ] = None,
    run: Annotated[
        str | None, typer.Option("--run", help="Entries of this run; its first letters will do.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Every field of every entry.")] = False,
    json: Json = False,
) -> None:
    """Show every entry of a log that verifies, in order and in words.

    Example: crowdlens audit show --log site/log --type release
    """
    if unknown := set(kinds or ()) - set(entry_type("")):
        types = ", ".join(entry_type(""))
        raise typer.BadParameter(f"no entry is of type {min(unknown)}; there are {types}")
    result = verify_log(log, Trust.load(trust_file(trust, log)))
    if result.failure is not None:
        raise result.failure
    chosen = [
        entry
        for entry in result.entries
        if (not kinds or entry.type in kinds) and (entry.run_id or "").startswith(run or "")
    ]
    values = [entry.model_dump(mode="json", by_alias=True) for entry in chosen]
    if json:
        show_json(values)
        return
    for entry, value in zip(chosen, values, strict=True):
        marked = f" run {entry.run_id[:8]}" if entry.run_id else ""
        show(f"{entry.seq:>5}  {entry.at}  {entry.type}{marked}")
        if not full:
            show(f"         {sentence(entry)}")
            continue
        for name, part in value["body"].items():
            show(f"         {name}: {_short(part)}")


def _note_strangers(release: Path) -> None:
    for name in strangers_in(release):
        show(f"note         no part of the release, and nothing vouches for it: {name!a}")


def _plain(note: bytes) -> str:
    """Return a note's text without anything that a terminal would obey."""
    text = note.decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c == "\n" else "\ufffd" for c in text)


def _short(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_short(item) for item in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_short(part)}" for name, part in value.items())
    return str(value)


app.command("fsck")(fsck_log)
app.command("prove")(prove_entry)
app.command("export")(export)
app.command("report")(report)
app.command("inputs")(inputs)
app.command("erase")(erase)
app.command("rotate-key")(rotate_key)
app.add_typer(witness_app, name="witness")
app.add_typer(timestamp_app, name="timestamp")
