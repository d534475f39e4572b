"""Redacted copies for a reviewer's eyes: what redaction leaves of test photos.

Pixels never leave the engine otherwise, so this is refused unless the policy's class is `test`.
"""

import csv
import secrets
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from engine.errors import OutputTaken, OutputUnwritable
from engine.observer import Observer
from engine.sources import Source
from engine.study import redaction_rules_of
from policies.decision import StudyRules
from policies.errors import PolicyRefuses
from redaction import RedactedPhoto, redact


@dataclass(frozen=True)
class Copies:
    """What was written."""

    directory: Path
    written: int
    withheld: int


def write_redacted_copies(
    rules: StudyRules,
    source: Source,
    out: Path,
    observer: Observer,
    *,
    at_most: int | None = None,
) -> Copies:
    """Write each photo's redacted pixels as `000001.png` and so on, in the manifest's order.

    `copies.csv` says of each number whether it was written, and why not. File names, metadata and
    contributors are not carried over. Raises `PolicyRefuses` (PL-CLASS-001) unless the policy is
    of class `test`.
    """
    if rules.policy.policy_class != "test":
        raise PolicyRefuses(
            "PL-CLASS-001",
            "redacted copies are made under a policy of class test only",
            hint="Use test photos and a test policy: under any other, pixels never leave.",
        )
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise OutputTaken("the output directory is not empty", hint="Give a new directory.")
    photos = source.photos(rules.policy.dimensions.week.keys, secrets.token_bytes(32))[:at_most]
    redaction_rules = redaction_rules_of(rules)
    observer.stage("write redacted copies", len(photos))
    rows = []
    try:
        out.mkdir(parents=True, exist_ok=True)
        for number, photo in enumerate(photos, start=1):
            result = redact(photo.read(redaction_rules.limits.max_bytes), redaction_rules)
            if isinstance(result, RedactedPhoto):
                Image.fromarray(result.pixels).save(out / f"{number:06d}.png")
                rows.append((f"{number:06d}", "written", ""))
            else:
                rows.append((f"{number:06d}", "withheld", result.reason.value))
            observer.step()
        with (out / "copies.csv").open("w", encoding="utf-8", newline="") as text:
            writer = csv.writer(text)
            writer.writerow(("number", "outcome", "reason"))
            writer.writerows(rows)
    except OSError:
        raise OutputUnwritable(
            "the copies can't be written", hint="Check the free space and the permissions."
        ) from None
    withheld = sum(outcome == "withheld" for _, outcome, _ in rows)
    return Copies(out, len(rows) - withheld, withheld)
