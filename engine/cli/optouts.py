"""`crowdlens optouts`: the list of people who object, which a run applies."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from engine.cli.console import say, show, show_json
from engine.cli.options import Json, today
from engine.errors import EngineError
from engine.optouts import (
    OptOutsUnusable,
    add_accounts,
    create_list,
    create_secret,
    load_secret,
    open_list,
    read_list,
    refresh_list,
)
from policies.decision import list_refused
from policies.policy import load_policy

app = typer.Typer(
    help="Keep the list of people who object, for policies with optouts.applied: by-run.",
    no_args_is_help=True,
)

ListPath = Annotated[Path, typer.Argument(metavar="FILE", help="The opt-out list.")]
Key = Annotated[Path, typer.Option("--key", help="The list's key, such as keys/optouts.key.")]


@app.command()
def init(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file for the list.")],
    key: Annotated[
        Path,
        typer.Option("--key", help="Its key: made here, readable by you alone, if not there yet."),
    ],
    dataset: Annotated[str, typer.Option("--dataset", help="The dataset.id of the policies.")],
    json: Json = False,
) -> None:
    """Make a list of nobody for one dataset, and its key.

    Keep the key with the steward's keys. One key serves the lists of several datasets; without it a
    list can't be read, added to or applied. Destroying it destroys every list under it.

    Example: crowdlens optouts init optouts.json --key keys/optouts.key --dataset my-photos
    """
    made = not key.exists()
    secret = create_secret(key) if made else load_secret(key)
    try:
        listed = create_list(file, dataset, secret, today())
    except EngineError:
        if made:  # a key of nothing: whoever tries again makes another
            key.unlink()
        raise
    if json:
        answer = {"list": str(file), "key": str(key), "dataset": dataset}
        show_json({**answer, "updated": listed.updated.isoformat()})
        return
    show(f"{file}  nobody objects so far; brought up to date today")
    show(f"{key}  its key; nobody but you can read it")
    say("Next: crowdlens optouts add FILE --key KEY --from ACCOUNTS")


@app.command()
def add(
    file: ListPath,
    key: Key,
    contributor: Annotated[
        list[str] | None,
        typer.Option(
            "--contributor",
            metavar="ID",
            help="An account, as the source names it. A shell keeps what it is given: --from - "
            "leaves no trace.",
        ),
    ] = None,
    source: Annotated[
        Path | None,
        typer.Option("--from", metavar="FILE", help="Accounts, one a line; - for standard input."),
    ] = None,
    json: Json = False,
) -> None:
    """Add accounts that object, and bring the list up to date.

    Accounts are compared as everywhere: trimmed, case-folded, without what does not show; a leading
    @ makes no difference. What is in the list already stays there once.

    Example: crowdlens optouts add optouts.json --key keys/optouts.key --from objections.txt
    """
    if (contributor is None) == (source is None):
        raise typer.BadParameter("give --contributor ID, or --from FILE")
    accounts = contributor if contributor is not None else _lines(source or Path("-"))
    after, new = add_accounts(file, load_secret(key), accounts, today())
    if json:
        answer = {"dataset": after.dataset, "updated": after.updated.isoformat()}
        show_json({**answer, "added": new, "accounts": len(after.marks)})
        return
    show(f"{new} added; the list has {len(after.marks)}, brought up to date {after.updated}")


@app.command()
def refresh(file: ListPath, key: Key, json: Json = False) -> None:
    """Say that every objection that has come in up to today is in the list.

    A list that nobody touched for longer than a policy's optouts.max_age_days is stale, and no run
    takes it: whoever says this answers for it.

    Example: crowdlens optouts refresh optouts.json --key keys/optouts.key
    """
    after = refresh_list(file, load_secret(key), today())
    if json:
        show_json({"dataset": after.dataset, "updated": after.updated.isoformat()})
        return
    show(f"{file}: up to date, {after.updated}")


@app.command("show")
def show_list(
    file: ListPath,
    key: Annotated[
        Path | None, typer.Option("--key", help="The list's key, to prove the list with.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option("--policy", help="Is the list fresh enough for this policy?")
    ] = None,
    json: Json = False,
) -> None:
    """Show a list's dataset and date, and whether it is fresh enough for a policy.

    Exits with 7 where the policy would refuse it. No account is ever shown: the list has none.

    Example: crowdlens optouts show optouts.json --policy study.yaml
    """
    stated, _ = read_list(file)
    if key is not None:
        open_list(file, load_secret(key), today())
    age = (today() - stated.day).days
    refusal = None
    if policy is not None:
        rules = load_policy(policy)
        if rules.dataset.id != stated.dataset:
            raise OptOutsUnusable(
                f"the list is of the dataset {stated.dataset}, not of the policy's",
                hint="Give the dataset's own list.",
            )
        refusal = list_refused(rules, stated.day, today())
    if json:
        show_json(
            {
                "dataset": stated.dataset,
                "updated": stated.updated,
                "age_days": age,
                "accounts": len(stated.accounts),
                "proved": key is not None,
                "fresh": None if policy is None else refusal is None,
            }
        )
    else:
        show(f"dataset   {stated.dataset}")
        show(f"updated   {stated.updated}, {age} day(s) ago")
        show(f"accounts  {len(stated.accounts)}")
        show(f"proved    {'yes, by its key' if key is not None else 'not checked: give --key'}")
        if policy is not None:
            show(f"fresh     {'yes' if refusal is None else 'NO'}, for {policy}")
    if refusal is not None:
        raise refusal


def _lines(source: Path) -> list[str]:
    try:
        if str(source) == "-":
            text = sys.stdin.buffer.read().decode("utf-8-sig")
        else:
            text = source.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise OptOutsUnusable(
            "the accounts can't be read", hint="One account a line, in UTF-8. Nothing was added."
        ) from None
    # Nothing else ends a line: what else Python breaks lines at may stand in an account.
    return [line for line in text.split("\n") if line.strip()]
