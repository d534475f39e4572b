"""`crowdlens demo`: the whole story, on photos that it makes itself."""

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import observing, show, show_json, show_table
from engine.cli.options import Json, Quiet, Workers, today

if TYPE_CHECKING:
    from engine.demo.telling import Told


def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new directory. Default: crowdlens-demo, or the next free."),
    ] = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell the whole story: photos, policy, approval, run, noisy table, verified log.

    The photos are made from pictures that ship in packages, with invented brands on signs and
    shirts and invented contributors; everything else is the real thing.
    """
    from engine.demo.telling import DEMO_WEEKS, pivoted, tell  # noqa: PLC0415  loads the models
    from engine.workers import LocalWorkers, default_count  # noqa: PLC0415

    with observing(quiet=quiet) as observer:
        told = tell(out or _free(), LocalWorkers(workers or default_count()), today(), observer)
    if json:
        show_json(_values(told))
        return
    half = {e.statistic: e.half_width for e in told.expected}
    overall = told.table.filter(told.table["statistic"] == "brand_overall")
    show()
    show("Contributors who showed a brand, over all weeks (with noise)")
    show_table(
        ("brand", "value", "95 % from", "to"),
        [
            (row["brand"], str(row["value"]), str(row["low95"]), str(row["high95"]))
            for row in overall.iter_rows(named=True)
        ],
    )
    show()
    show(f"By week: each is within {half['brand_by_week']} of the truth 95 times in 100")
    show_table(
        ("brand", *(week[5:] for week in DEMO_WEEKS)),
        pivoted(told.table, DEMO_WEEKS),
    )
    show("Values may be negative and need not add up: that is the noise that protects each person.")
    show()
    cost, left = told.published.cost, told.published.remaining
    show(f"cost      {cost}")
    show(f"left      {left} for ever after")
    show(f"log       verified, {told.verification.size} entries, the release matches its record")
    show()
    show(f"{told.photos}      the photos, with faces, GPS positions and phone numbers in them")
    show(f"{told.copies.directory}    what recognition saw of the first {told.copies.written}")
    show(f"{told.place.policy}  the policy, commented, with its approvals beside it")
    show(f"{told.published.out}     the release, its privacy label and its proof")
    show(f"{told.place.log}         the audit log")
    show()
    show(f"Try: crowdlens audit show --log {told.place.log}")
    show(f"     crowdlens budget --log {told.place.log}")


def _free() -> Path:
    """Return the first of crowdlens-demo, crowdlens-demo-2 and so on that is not there yet."""
    names = ("crowdlens-demo" + (f"-{number}" if number > 1 else "") for number in count(1))
    return next(path for path in map(Path, names) if not path.exists())


def _values(told: "Told") -> dict[str, object]:
    return {
        "out": str(told.place.root),
        "verified": told.verification.exit_code == 0,
        "epsilon": str(told.published.cost.epsilon),
        "left": str(told.published.remaining.epsilon),
        "rows": told.table.to_dicts(),
    }
