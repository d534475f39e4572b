"""`crowdlens budget`: what each dataset may lose, has lost and has left."""

from typing import Any

from audit import Trust, verify
from audit.ledger import Account
from audit.words import UNREMEMBERED
from engine.cli.console import say, show, show_json
from engine.cli.options import Json, LogDirectory, TrustFile, trust_file


def budget(log: LogDirectory, trust: TrustFile = None, json: Json = False) -> None:
    """Show the privacy budget of each dataset, added up anew from the log.

    There is no reset, no refresh and no refund: what left can't be called back.

    Example: crowdlens budget --log site/log
    """
    checked = verify(log, Trust.load(trust_file(trust, log)))
    if checked.failure is not None:
        raise checked.failure
    accounts = [checked.ledger.account(name) for name in checked.ledger.datasets]
    if json:
        show_json({"datasets": [_values(account) for account in accounts]})
        return
    if not accounts:
        show("No dataset has spent anything yet.")
    for account in accounts:
        show(f"dataset {account.dataset}")
        show(f"  total      {account.total}")
        show(f"  spent      {account.spent}")
        show(f"  published  {account.published}")
        show(f"  left       {account.remaining}")
        for spend in account.reservations:
            if spend.models:
                out = "" if spend.published else "; no model came of it"
                names = ", ".join(spend.models)
                show(f"  training   {names} for {spend.loss} (entry {spend.seq}{out})")
        if account.reservations:
            last = account.reservations[-1].loss.main.value
            show(f"  about {account.remaining.main.value // last} more releases like the last")
    if not checked.remembered:
        say(f"Note: {UNREMEMBERED}.")


def _values(account: Account) -> dict[str, Any]:
    parts = {
        "total": account.total,
        "spent": account.spent,
        "published": account.published,
        "left": account.remaining,
    }
    return {
        "dataset": account.dataset,
        **{name: part.texts() for name, part in parts.items()},
        "releases": [
            {
                "entry": spend.seq,
                **spend.loss.texts(),
                "published": spend.published,
                "models": list(spend.models),
            }
            for spend in account.reservations
        ],
    }
