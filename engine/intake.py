"""What a run lets in at its source's door, and what it says of that in the log.

The opt-out list is read, proved and found fresh before anything of the source is. What is
committed to is what the manifest says of each photo that may be opened: account, path and day. The
photo's own bytes are not: they are nobody's but redaction's, and no digest of them leaves it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from audit import RunHandle
from audit.commitments import Opening, Salts
from engine.optouts import OptOutList, load_secret, open_list
from engine.sources import Admission, Countries, Persons, SourcePhoto, read_identities
from policies.decision import applies_a_list, list_refused
from policies.errors import PolicyRefuses
from policies.policy import Policy


@dataclass(frozen=True)
class OptOutPlace:
    """Where an opt-out list lies, and its key."""

    list: Path
    key: Path


@dataclass(frozen=True)
class Intake:
    """Who is let in, and what it takes to say so in the log."""

    policy: Policy
    optouts: OptOutList | None
    salts: Salts
    today: date

    @property
    def admission(self) -> Admission:
        """What the source asks of each row."""
        return Admission(
            self.optouts if self.optouts is not None else frozenset(),
            consent=self.policy.dataset.consent == "column",
            mark_key=self.salts.inputs,
        )

    def commit(
        self, handle: RunHandle, photos: Iterable[SourcePhoto], days: tuple[date, date]
    ) -> None:
        """Write into the log what the run reads, in commitments that only the salts can open."""
        kept = timedelta(days=self.policy.retention.private_commitments_days)
        opening = Opening(
            self.salts,
            *days,
            consent=self.policy.dataset.consent == "column",
            keep_until=self.today + kept,
        )
        listed = None if self.optouts is None else self.optouts.data
        handle.commit(opening, (photo.mark for photo in photos), listed)


def take_in(
    policy: Policy, place: OptOutPlace | None, today: date, salts: Salts | None = None
) -> Intake:
    """Return what a run of the policy lets in today; `salts` are those of a run that goes on.

    Raises `PolicyRefuses` where the policy demands an opt-out list and none is given (PL-OPT-002),
    where one is given and not demanded (PL-OPT-003), or where it is too old (PL-OPT-001);
    `OptOutsUnusable` and `OptOutKeyUntrusted` where the list can't be relied on.
    """
    optouts = None
    if place is not None and applies_a_list(policy):
        optouts = open_list(place.list, load_secret(place.key), today, policy.dataset.id)
    # A list that is not asked for is refused unread.
    given = optouts.updated if optouts is not None else (today if place is not None else None)
    if (refusal := list_refused(policy, given, today)) is not None:
        raise refusal
    return Intake(policy, optouts, salts or Salts.fresh(), today)


def persons_of(policy: Policy, file: Path | None) -> Persons | None:
    """Return the identity map that the policy asks for, and no other.

    Raises `PolicyRefuses` (PL-UNIT-001) where one is given and not asked for, or the other way
    round.
    """
    if (policy.privacy_unit.identities == "map") != (file is not None):
        raise PolicyRefuses(
            "PL-UNIT-001",
            "the policy's privacy_unit.identities and --identities do not agree",
            hint="Give the map exactly where the policy says `identities: map`.",
        )
    return None if file is None else read_identities(file)


def countries_of(policy: Policy) -> Countries | None:
    """Return the countries that coordinates may be read for: none where no policy asks."""
    named = policy.dimensions.countries
    return Countries(named) if named else None
