"""ISO weeks, the periods of a study (ISO 8601: Monday first, week 1 holds 4 January)."""

import re
from datetime import date, timedelta

_WEEK = re.compile(r"([0-9]{4})-W([0-9]{2})")


def monday(week: str) -> date:
    """Return the first day of a week such as `2026-W23`; raises `ValueError` for any other text."""
    found = _WEEK.fullmatch(week)
    if found is None:
        raise ValueError("not an ISO week such as 2026-W23")
    return date.fromisocalendar(int(found[1]), int(found[2]), 1)


def week_of(day: date) -> str:
    """Return the ISO week that the day lies in."""
    year, week, _ = day.isocalendar()
    return f"{year:04d}-W{week:02d}"


def weeks_between(first: str, last: str) -> tuple[str, ...]:
    """Return every week from the first to the last, both included; none if they are reversed."""
    day, end = monday(first), monday(last)
    weeks = []
    while day < end:
        weeks.append(week_of(day))
        day += timedelta(days=7)
    if day == end:
        weeks.append(week_of(end))
    return tuple(weeks)
