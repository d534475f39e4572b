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


_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


def is_month(text: str) -> bool:
    """Say whether the text names a month, such as `2026-06`."""
    return _MONTH.fullmatch(text) is not None


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Return every month from the first to the last, both included; none if they are reversed."""
    (y, m), (end_y, end_m) = (tuple(map(int, text.split("-"))) for text in (first, last))
    start, end = y * 12 + m - 1, end_y * 12 + end_m - 1
    return tuple(f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(start, end + 1))


def days_of(kind: str, key: str) -> tuple[date, date]:
    """Return the first and the last day of a `day`, `week` or `month`; raises `ValueError`."""
    if kind == "day":
        day = date.fromisoformat(key)
        return day, day
    if kind == "week":
        first = monday(key)
        return first, first + min(timedelta(days=6), date.max - first)
    if kind != "month" or not is_month(key):
        raise ValueError("not a month such as 2026-06")
    first = date.fromisoformat(f"{key}-01")
    following = first.replace(day=28) + min(timedelta(days=4), date.max - first.replace(day=28))
    last = following - timedelta(days=following.day) if following.month != first.month else date.max
    return first, last


def days_between(first: date, last: date) -> tuple[str, ...]:
    """Return every day from the first to the last, both included; none if they are reversed."""
    return tuple((first + timedelta(days=n)).isoformat() for n in range((last - first).days + 1))
