"""The tables of a study, and how exact they are, for somebody who may be in them."""

from engine.notice.words import AROUND, LABELS, in_words
from engine.statistics.plan import Plan
from policies.statistic_choices import Statistic


def tables_in_words(statistics: list[Statistic], planned: Plan) -> tuple[str, ...]:
    """Return one sentence or two of each table: what it shows and how blurred it is."""
    tables = {table.id: table for table in planned.statistics}
    told = []
    for statistic in statistics:
        width = tables[statistic.id].half_width
        blur = f" Off by up to {width:,}, 95 times in 100." if width is not None else ""
        told.append(f"{_shown(statistic)}.{blur}")
    return tuple(told)


def _shown(statistic: Statistic) -> str:
    labels = [LABELS[name] for name in statistic.by if name in LABELS]
    seconds = [name.removeprefix("with_") for name in statistic.by if name.startswith("with_")]
    around = in_words([AROUND[name] for name in statistic.by if name in AROUND])
    ending = f", {around}" if around else ""
    what = labels[0] if labels else ""
    match statistic.kind:
        case "photos":
            shown = f"showed each {what}" if what else "there were"
            return (
                f"How many photos {shown}{ending}, of which at most {statistic.clip} of one account"
                " count"
            )
        case "together":
            other = LABELS[seconds[0]]
            second = f"another {other}" if other == what else _with_article(other)
            return (
                f"How many accounts showed {_with_article(what)} and {second} in one photo{ending}"
            )
        case "running-total":
            return f"How many accounts have shown each {what} so far{ending}"
        case "top":
            return (
                f"Which {statistic.k} of the {_plural(what)} most accounts showed{ending}: their"
                " order, and no numbers"
            )
        case "found":
            return f"Hashtags that at least {statistic.least} accounts used, and how many used them"
        case _:
            shown = f"showed each {what}" if what else "posted at all"
            return f"How many accounts {shown}{ending}"


def _with_article(name: str) -> str:
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def _plural(name: str) -> str:
    first, of, rest = name.partition(" of ")
    return (f"{first[:-1]}ies" if first.endswith("y") else f"{first}s") + of + rest
