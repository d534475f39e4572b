"""Setting up a place for studies: keys, an empty log, a witness, a policy and a catalogue."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import ClassVar, Protocol

from audit import Approver, DirectoryWitness, Log, Trust, TrustedWitness
from audit.keys import create_key
from engine.errors import EngineError, OutputUnwritable
from engine.templates import CATALOGUE, POLICY
from policies.approvals import public_name
from policies.cases import cases_path
from policies.catalogue import load_catalogue
from policies.json_schema import FILE as SCHEMA_FILE
from policies.json_schema import schema_text
from policies.library import copy_ready_made, require_ready_made
from policies.periods import week_of
from policies.policy import load_policy

ROLES = ("steward", "reviewer")


class PlaceTaken(EngineError):
    """There is something at the path already."""

    code: ClassVar[str] = "place-taken"
    exit_code: ClassVar[int] = 2


@dataclass(frozen=True)
class Place:
    """Where everything of a set-up lies."""

    root: Path

    @property
    def policy(self) -> Path:
        """The policy file."""
        return self.root / "study.yaml"

    @property
    def catalogue(self) -> Path:
        """The catalogue beside it."""
        return self.root / "catalogue.yaml"

    @property
    def log(self) -> Path:
        """The log's directory."""
        return self.root / "log"

    @property
    def trust(self) -> Path:
        """The trust file, which auditors get by another way."""
        return self.root / "trust.yaml"

    @property
    def witness(self) -> Path:
        """The witness's directory; better on another machine."""
        return self.root / "witness"

    def key(self, role: str) -> Path:
        """The private key of an approver."""
        return self.root / "keys" / f"{role}.key"


class StudyTexts(Protocol):
    """What a new place begins with."""

    @property
    def catalogue(self) -> str:
        """The catalogue file."""

    def policy(self, today: date, digest: str) -> str:
        """The policy file, for a catalogue with this digest."""


@dataclass(frozen=True)
class StudyTemplate:
    """What the commented policy is filled in with."""

    id: str = "my-first-study"
    statement: str = "Measure how often brands are seen, and how that changes by week."
    dataset: str = "my-photos"
    collection: str = "test-photos"
    max_cells: int = 6
    total: str = "4"
    per_release: str = "1"
    statistics: Sequence[tuple[str, ...]] = (("brand_by_week", "brand, week", "1"),)
    """Of each: id, dimensions, epsilon, and max_cells where it has its own."""
    brands: Sequence[str] = ("Brightwater", "Kestrel", "Nimbus")
    first_week: str | None = None
    last_week: str | None = None
    more_dimensions: str = ""
    """Further lines of the policy's dimensions."""

    @property
    def catalogue(self) -> str:
        """The catalogue file, commented."""
        return CATALOGUE.format(brands="".join(f"- name: {brand}\n" for brand in self.brands))

    def policy(self, today: date, digest: str) -> str:
        """The policy file, commented, for a catalogue with this digest."""
        return POLICY.format(
            id=self.id,
            statement=self.statement,
            not_before=today.isoformat(),
            not_after=(today + timedelta(days=365)).isoformat(),
            dataset=self.dataset,
            collection=self.collection,
            max_cells=self.max_cells,
            total=self.total,
            per_release=self.per_release,
            statistics="".join(
                f'  - id: {name}\n    by: [{by}]\n    epsilon: "{epsilon}"\n'
                + "".join(f"    max_cells: {most}\n" for most in cells)
                for name, by, epsilon, *cells in self.statistics
            ),
            digest=digest,
            first_week=self.first_week or week_of(today - timedelta(weeks=25)),
            last_week=self.last_week or week_of(today),
            more_dimensions=self.more_dimensions,
        )


def set_up(
    root: Path, today: date, texts: StudyTexts | None = None, ready_made: str | None = None
) -> Place:
    """Make a new place for studies; raise `PlaceTaken` where the path holds anything.

    It begins with these texts, by default the template's, or with the ready-made policy of a name.

    The log's key, the witness's key and one key for each approver are made here and now, on one
    machine: enough to learn and to test. PRIVACY.md says what to move apart for real studies.
    """
    texts = texts or StudyTemplate()
    place = Place(root)
    if ready_made is not None:
        require_ready_made(ready_made)
    try:
        if root.exists() and (not root.is_dir() or any(root.iterdir())):
            raise PlaceTaken(
                "the directory is not empty", hint="Give a new directory; nothing was changed."
            )
        return _fill(place, today, texts, ready_made)
    except OSError:
        raise OutputUnwritable(
            "the directory can't be made", hint="Check the path, its permissions and the space."
        ) from None


def _fill(place: Place, today: date, texts: StudyTexts, ready_made: str | None) -> Place:
    root = place.root
    (root / "keys").mkdir(parents=True, mode=0o700)
    root.joinpath(SCHEMA_FILE).write_text(schema_text(), encoding="utf-8")
    if ready_made is not None:
        copy_ready_made(ready_made, place.policy, place.catalogue, cases_path(place.policy))
    else:
        place.catalogue.write_text(texts.catalogue, encoding="utf-8")
        policy = texts.policy(today, load_catalogue(place.catalogue).digest)
        place.policy.write_text(policy, encoding="utf-8")
    roles = sorted({*ROLES, *load_policy(place.policy).approvals}, key=_steward_first)
    approvers = tuple(
        Approver(role=role, key=public_name(create_key(place.key(role)))) for role in roles
    )
    log = Log.create(place.log, at=today)
    witness = DirectoryWitness.create(place.witness, log.vkey)
    trust = Trust(log.vkey, (TrustedWitness(witness.vkey, place.witness),), 1, approvers)
    trust.dump(place.trust)
    # Opened once, so that the witness knows the log from its first entry on.
    Log.open(place.log, trust, today)
    return place


def _steward_first(role: str) -> tuple[int, str]:
    return (ROLES.index(role) if role in ROLES else len(ROLES), role)
