"""`crowdlens demo`: the whole story, on photos that it makes itself or a crowd that never was."""

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.console import observing, show, show_json, show_table
from engine.cli.options import Json, Quiet, Workers, today

if TYPE_CHECKING:
    from engine.demo.crowd_telling import CrowdTold
    from engine.demo.studying import Studied
    from engine.demo.telling import Told

CROWD = 2000
CROWD_WEEKS = 26


def demo(
    out: Annotated[
        Path | None,
        typer.Option("--out", help="A new directory. Default: crowdlens-demo, or the next free."),
    ] = None,
    contributors: Annotated[
        int | None,
        typer.Option(
            "--contributors",
            min=1,
            max=200_000,
            help=f"No photos: a made-up crowd of so many. With --weeks alone: {CROWD}.",
        ),
    ] = None,
    weeks: Annotated[
        int | None,
        typer.Option(
            "--weeks",
            min=1,
            max=156,
            help=f"Over how many weeks the crowd posts. With --contributors alone: {CROWD_WEEKS}.",
        ),
    ] = None,
    workers: Workers = None,
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Tell the whole story: photos, policy, approval, run, noisy table, verified log.

    The photos are made from pictures that ship in packages, with invented brands on signs and
    shirts and invented contributors; everything else is the real thing.

    With --contributors or --weeks there are no photos. What a made-up crowd would have shown goes
    through the same approvals, budget, noise and log within seconds: what a larger study can say.

    Example: crowdlens demo

    Example: crowdlens demo --contributors 2000 --weeks 26 --out crowd
    """
    from engine.workers import LocalWorkers, default_count  # noqa: PLC0415  loads the models

    place = out or _free()
    if contributors is None and weeks is None:
        from engine.demo.telling import tell  # noqa: PLC0415  loads the models

        with observing(quiet=quiet) as observer:
            told = tell(place, LocalWorkers(workers or default_count()), today(), observer)
        show_json(_values(told.done)) if json else _show_photos(told)
        return
    from engine.demo.crowd import Crowd  # noqa: PLC0415  loads polars
    from engine.demo.crowd_telling import tell_of_a_crowd  # noqa: PLC0415

    crowd = Crowd(contributors or CROWD, weeks or CROWD_WEEKS)
    with observing(quiet=quiet) as observer:
        of_crowd = tell_of_a_crowd(place, crowd, today(), observer)
    show_json(_values(of_crowd.done)) if json else _show_crowd(of_crowd)


def _free() -> Path:
    """Return the first of crowdlens-demo, crowdlens-demo-2 and so on that is not there yet."""
    names = ("crowdlens-demo" + (f"-{number}" if number > 1 else "") for number in count(1))
    return next(path for path in map(Path, names) if not path.exists())


def _show_photos(told: "Told") -> None:
    from engine.demo.telling import pivoted  # noqa: PLC0415

    half = {e.statistic: e.half_width for e in told.expected}
    overall = told.done.table.filter(told.done.table["statistic"] == "brand_overall")
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
    show(f"By month: each is within {half['brand_by_month']} of the truth 95 times in 100")
    show_table(("brand", *told.months), pivoted(told.done.table, told.months))
    _show_proof(told.done)
    show(f"{told.photos}      the photos, with faces, GPS positions and phone numbers in them")
    show(f"{told.copies.directory}    what recognition saw of the first {told.copies.written}")
    _show_places(told.done)


def _show_crowd(told: "CrowdTold") -> None:
    bounds = told.done.table.filter(statistic="brands").select("brand", "low95", "high95")
    show()
    show("Made-up contributors who showed a brand, over all weeks (with noise)")
    show_table(
        ("brand", "value", "95 % from", "to", "rank", "between"),
        [
            (
                *(row["brand"], str(row["value"]), str(row["low95"]), str(row["high95"])),
                *(str(row["rank"]), f"{row['best']} and {row['worst']}"),
            )
            for row in told.ranks.join(bounds, on="brand").sort("rank").iter_rows(named=True)
        ],
    )
    show()
    show("Rises and falls from month to month that noise can't explain")
    moves = [
        tuple(
            str(row[name])
            for name in ("brand", "verdict", "before", "after", "change", "low95", "high95")
        )
        for row in told.moves.iter_rows(named=True)
    ]
    if moves:
        show_table(("brand", "", "from", "to", "by", "95 % from", "to"), moves)
    else:
        show("  none; more contributors or more months would show some")
    _show_proof(told.done)
    _show_places(told.done)


def _show_proof(done: "Studied") -> None:
    show("Values may be negative and need not add up: that is the noise that protects each person.")
    show()
    show(f"cost      {done.published.cost}")
    show(f"left      {done.published.remaining} for ever after")
    show(f"log       verified, {done.verification.size} entries, the release matches its record")
    show()


def _show_places(done: "Studied") -> None:
    show(f"{done.place.policy}  the policy, commented, with its approvals beside it")
    show(f"{done.published.out}     the release, its privacy label and its proof")
    show(f"{done.place.log}         the audit log")
    show()
    if done.report is not None:
        show(f"Open: {done.report} in a browser; it is one file and asks the network for nothing")
    show(f"Try: crowdlens insight {done.published.out} --policy {done.place.policy}")
    show(f"     crowdlens audit show --log {done.place.log}")
    show(f"     crowdlens budget --log {done.place.log}")


def _values(done: "Studied") -> dict[str, object]:
    return {
        "out": str(done.place.root),
        "report": None if done.report is None else str(done.report),
        "verified": done.verification.exit_code == 0,
        **done.published.cost.texts(),
        "left": done.published.remaining.texts(),
        "rows": done.table.to_dicts(),
    }
