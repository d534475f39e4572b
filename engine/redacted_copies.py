"""Redacted copies for a reviewer's eyes: what redaction leaves of test photos, on one page.

Pixels never leave the engine otherwise, so this is refused unless the policy's class is `test`.
"""

import csv
import secrets
from collections import Counter
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from engine.contact_sheet import Copy, contact_sheet, counted
from engine.errors import OutputTaken, OutputUnwritable
from engine.intake import OptOutPlace, take_in
from engine.observer import Observer
from engine.sources import Source
from engine.study import redaction_rules_of
from engine.veil_outlines import places_of
from policies.decision import StudyRules
from policies.errors import PolicyRefuses
from redaction import png_of, warm_up
from redaction.review import Review, review


@dataclass(frozen=True)
class Copies:
    """What was written."""

    directory: Path
    written: int
    withheld: int
    veiled: dict[str, int]
    """Places by kind, every kind named."""
    reasons: dict[str, int]
    """Withheld photos by reason."""


def write_redacted_copies(
    rules: StudyRules,
    source: Source,
    out: Path,
    observer: Observer,
    *,
    at_most: int | None = None,
    optouts: OptOutPlace | None = None,
    today: date = date.min,
) -> Copies:
    """Write each photo's redacted pixels as `000001.png` and so on, in the manifest's order.

    `copies.csv` says of each number whether it was written, and why not; `index.html` shows them
    with what was veiled and why. File names, metadata and contributors are not carried over.
    Raises `PolicyRefuses` (PL-CLASS-001) unless the policy is of class `test`, and as `take_in`
    where the opt-out list is not the one that it demands; `today` says how old that is.
    """
    if rules.policy.policy_class != "test":
        raise PolicyRefuses(
            "PL-CLASS-001",
            "redacted copies are made under a policy of class test only",
            hint="Use test photos and a test policy: under any other, pixels never leave.",
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputTaken("the output directory is not empty", hint="Give a new directory.")
    door = take_in(rules.policy, optouts, today)
    photos = source.photos(
        *rules.policy.dimensions.days, secrets.token_bytes(32), admission=door.admission
    )[:at_most]
    redaction_rules = redaction_rules_of(rules)
    observer.stage("write redacted copies", len(photos))
    warm_up(redaction_rules)
    copies = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number, photo in enumerate(photos, start=1):
            seen = review(photo.read(redaction_rules.limits.max_bytes), redaction_rules)
            copies.append(_written(f"{number:06d}", seen, out))
            observer.step()
        _write_list(copies, out / "copies.csv")
        (out / "index.html").write_text(contact_sheet(rules.policy, copies), encoding="utf-8")
    except OSError:
        raise OutputUnwritable(
            "the copies can't be written", hint="Check the free space and the permissions."
        ) from None
    reasons = Counter(copy.withheld.value for copy in copies if copy.withheld)
    return Copies(
        out,
        len(copies) - reasons.total(),
        reasons.total(),
        counted(copies),
        dict(sorted(reasons.items())),
    )


def _written(number: str, seen: Review, out: Path) -> Copy:
    if seen.photo is None:
        return Copy(number, withheld=seen.withheld)
    (out / f"{number}.png").write_bytes(png_of(seen.photo))
    height, width = seen.photo.pixels.shape[:2]
    return Copy(number, (width, height), places_of(seen.regions, (width, height)))


def _write_list(copies: list[Copy], file: Path) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.writer(text)
        writer.writerow(("number", "outcome", "reason"))
        for copy in copies:
            reason = copy.withheld
            writer.writerow((copy.number, "withheld" if reason else "written", reason or ""))
