"""One table of a release in plain words: what it shows, how exact it is, what it never tells."""

from engine.statistics.plan import PlannedStatistic
from policies.statistic_choices import Statistic


def table_words(asked: Statistic, table: PlannedStatistic) -> list[str]:
    """Return the lines that a reviewer reads of it."""
    by = ", ".join(asked.by)
    cells = "" if table.cells is None else f" (all {table.cells} cells of it)"
    first = f"  {asked.id}: {_measured(asked)}{f', by {by}' if by else ''}{cells}."
    if asked.kind == "found":
        return [
            first,
            f"    A hashtag shows where {asked.least} or more use it and its number with noise",
            f"    is {table.stands_out} or more; one that hangs on one person with a probability",
            f"    of at most {asked.selection_delta}.",
        ]
    if table.half_width is None:
        return [first, "    The order is drawn with noise; no numbers leave."]
    bounded = "its series" if asked.kind == "running-total" else "them"
    share = table.share_of_crowd
    of_crowd = "" if share is None else f" ({100 * share:.2g} % of the crowd)"
    return [
        first,
        f"    95 times in 100 a number is at most {table.half_width} off. One below"
        f" {table.stands_out}{of_crowd} can't be told from zero.",
        f"    One contributor counts in at most {table.max_cells} of {bounded}.",
    ]


def _measured(asked: Statistic) -> str:
    match asked.kind:
        case "photos":
            return f"how many photos, at most {asked.clip} of one contributor in a cell"
        case "together":
            return "how many contributors show both labels in one photo"
        case "running-total":
            return "how many contributors so far, added up from the first period on"
        case "top":
            return f"the {asked.k} labels that most contributors show, in order"
        case "found":
            return "how many contributors use a hashtag that no catalogue names"
        case _:
            return "how many contributors"
