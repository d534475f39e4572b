"""Who posts what and when in the demo: made-up people, made-up names, one trend that lasts.

Every week has a fixed number of photos of each brand (largest remainder), so that the trend lies
in the counts and not in the draw; and nobody posts one brand twice in a week, so that it is still
there when each contributor counts once.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TypeVar

import numpy as np

from policies.periods import monday

DEMO_BRANDS = (
    *("Brightwater", "Kestrel", "Nimbus", "Solvano", "Tundrel", "Orchard", "Velbrew", "Fizzaro"),
)
"""Names made up for the demo; no company or product is meant."""

_T = TypeVar("_T")

_PROFILES = ((2.0, 13.0), (11.0, 1.5), (4.0, 4.0), (0.9, 0.9), (2.5, 2.5), (1.5, 1.5))
"""Photos a week, first week and last, brand by brand: the first rises, the second falls, the
third stays, the fourth is nearly absent; all further ones are as the last."""
_NO_BRAND = 1.0
"""The same for photos without a brand."""
_TWO_BRANDS = 0.08
"""Share of the photos with a brand that show another one too."""

_HANDLES = (
    *("river", "maple", "otter", "comet", "pixel", "willow", "ember", "harbor", "lumen", "sparrow"),
    *("cedar", "quartz", "meadow", "biscuit", "pepper"),
)
_PEOPLE = ("Ana", "Tomas", "Priya", "Lukas", "Mei", "Noor", "Jonas", "Sofia", "Idris", "Elena")
_SURNAMES = ("Marlow", "Keller", "Osei", "Varga", "Lindqvist", "Duarte", "Haddad", "Novak")
REGIONS = ("north", "south", "east", "west")
_PLATFORMS = ("instagram", "x", "tumblr")


@dataclass(frozen=True)
class Person:
    """A made-up contributor."""

    handle: str
    """As the platform writes it, such as `@river_7`."""
    name: str
    region: str
    platform: str

    @property
    def phone(self) -> str:
        """A number of the block that is kept free for fiction (555-01xx)."""
        return f"555-01{sum(self.handle.encode()) % 100:02d}"

    @property
    def serial(self) -> str:
        """The serial number of their camera."""
        return f"SN{zlib.crc32(self.handle.encode()):010d}"

    @property
    def address(self) -> str:
        """An address under a domain that can't exist (RFC 2606)."""
        return f"{self.name.split()[0].lower()}@{self.handle[1:].replace('_', '')}.example"


@dataclass(frozen=True)
class Post:
    """One photo to be made."""

    person: Person
    taken_at: datetime
    brands: tuple[str, ...]


def people(count: int, rng: np.random.Generator) -> tuple[Person, ...]:
    """Return `count` contributors with distinct handles."""
    found = []
    for index in range(count):
        round_, word = divmod(index, len(_HANDLES))
        handle = f"@{_HANDLES[word]}_{round_ * 10 + int(rng.integers(10))}"
        name = f"{_pick(_PEOPLE, rng)} {_pick(_SURNAMES, rng)}"
        found.append(Person(handle, name, _pick(REGIONS, rng), _pick(_PLATFORMS, rng)))
    return tuple(found)


def tell(
    persons: Sequence[Person], brands: Sequence[str], weeks: Sequence[str], rng: np.random.Generator
) -> tuple[Post, ...]:
    """Return the posts in the order they were taken: one to three for each contributor.

    Weeks are ISO weeks such as `2026-W23`; raises `ValueError` for any other text.
    """
    posts_of = _shuffled([(index % 3) + 1 for index in range(len(persons))], rng)
    in_week: list[list[Person]] = [[] for _ in weeks]
    for person, count in zip(persons, posts_of, strict=True):
        # The emptiest weeks first, and no week twice while there are weeks enough.
        order = sorted(range(len(weeks)), key=lambda w: (len(in_week[w]), rng.random()))
        for post in range(count):
            in_week[order[post % len(weeks)]].append(person)
    posts = []
    for index, (week, posters) in enumerate(zip(weeks, in_week, strict=True)):
        shares = _shares(len(brands), index / max(len(weeks) - 1, 1))
        names = _shuffled(_quota([*brands, None], shares, len(posters)), rng)
        for person, name in zip(posters, names, strict=True):
            shown: tuple[str, ...] = (name,) if name else ()
            if name and len(brands) > 1 and rng.random() < _TWO_BRANDS:
                weights = [0.0 if b == name else s for b, s in zip(brands, shares, strict=False)]
                second = rng.choice(len(brands), p=np.array(weights) / sum(weights))
                shown = (name, brands[int(second)])
            posts.append(Post(person, _moment(week, rng), shown))
    return tuple(sorted(posts, key=lambda post: (post.taken_at, post.person.handle)))


def _shares(brands: int, t: float) -> list[float]:
    """Return each brand's share at time t (0 first week, 1 last), and no brand's."""
    profiles = [_PROFILES[min(index, len(_PROFILES) - 1)] for index in range(brands)]
    return [first + (last - first) * t for first, last in profiles] + [_NO_BRAND]


def _quota(names: Sequence[str | None], shares: Sequence[float], total: int) -> list[str | None]:
    """Return `total` names in proportion to the shares (largest remainder)."""
    exact = [share * total / sum(shares) for share in shares]
    counts = [int(value) for value in exact]
    by_rest = sorted(range(len(exact)), key=lambda i: counts[i] - exact[i])
    for index in by_rest[: total - sum(counts)]:
        counts[index] += 1
    return [name for name, count in zip(names, counts, strict=True) for _ in range(count)]


def _moment(week: str, rng: np.random.Generator) -> datetime:
    """Return a moment of the week by day, UTC, so that no time zone moves it to another week."""
    seconds = int(rng.integers(8 * 3600, 21 * 3600))
    day = monday(week) + timedelta(days=int(rng.integers(7)))
    return datetime.combine(day, time.min, UTC) + timedelta(seconds=seconds)


def _shuffled(items: list[_T], rng: np.random.Generator) -> list[_T]:
    return [items[int(index)] for index in rng.permutation(len(items))]


def _pick(names: Sequence[str], rng: np.random.Generator) -> str:
    return names[int(rng.integers(len(names)))]
