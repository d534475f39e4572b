"""Places, photos and command lines for tests."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from audit import Trust
from audit.keys import load_key
from engine.setup import ROLES, Place, StudyTemplate, set_up
from policies.approvals import approvals_path, approve, write_approvals
from policies.decision import load_rules

WEEKS = ("2026-W23", "2026-W24")
BRANDS = ("Brightwater", "Kestrel", "Nimbus")


def make_place(
    root: Path, *, total: str = "4", per_release: str = "1", approved: bool = True
) -> Place:
    """Set a place up with a small study of two weeks and three brands."""
    template = StudyTemplate(
        id="test-study",
        dataset="test-photos",
        collection="made-up",
        brands=BRANDS,
        first_week=WEEKS[0],
        last_week=WEEKS[-1],
        total=total,
        per_release=per_release,
        statistics=(("brand_by_week", "brand, week", per_release),),
    )
    place = set_up(root, datetime.now(UTC).date(), template)
    if approved:
        approve_policy(place)
    return place


def approve_policy(place: Place) -> None:
    """Let every role approve the policy as it stands."""
    policy = load_rules(place.policy).policy
    log = Trust.load(place.trust).log.name
    envelopes = [approve(policy, role, load_key(place.key(role)), log) for role in ROLES]
    write_approvals(approvals_path(place.policy), envelopes)


REAL = """\
controller: {name: Example Ltd, contact: privacy@example.org, dpo: dpo@example.org}
record_of_processing:
  subjects: [people who posted photos]
  data: [photos, account names, days]
  transfers: none
  security: see PRIVACY.md
  erasure: nothing of a photo is kept
lawful_basis: {gdpr: art6-1-a}
dpia: {id: D-1, digest: "sha256:DIGEST", approved_on: 2020-01-01, residual_risk: low}
optouts: {applied: by-operator, max_age_days: 7}
audit: {witness_quorum: 1}
release: {recipients: [research-team]}
"""
"""What a policy needs to say beside its rules, to be of class pilot or production."""


def made_real(text: str, policy_class: str, collection: str) -> str:
    """Return a policy for test photos as one for real ones, saying all that the law asks for."""
    text = text.replace("class: test\n", f"class: {policy_class}\n")
    how = "acquisition: With leave"
    text = text.replace("collection: made-up\n", f"collection: {collection}\n  {how}\n")
    text = text.replace("collection: made-up}", f"collection: {collection}, {how}}}")
    text = text.replace("purpose:\n", "purpose:\n  dpv: [dpv:CommercialResearch]\n")
    return text + REAL.replace("DIGEST", "a" * 64)


def draw_sign(path: Path, *lines: str, **save: object) -> Path:
    """Write a photo of a sign with these lines."""
    picture = Image.new("RGB", (320, 60 * len(lines) + 40), (236, 232, 220))
    pen = ImageDraw.Draw(picture)
    for index, line in enumerate(lines):
        font = ImageFont.load_default(34)
        pen.text((20, 20 + 60 * index), line, fill=(20, 30, 60), font=font)
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path, **save)  # type: ignore[arg-type]
    return path


Row = tuple[str, str, str]


def write_manifest(folder: Path, rows: Sequence[Row]) -> Path:
    """Write `photos.csv` with path, contributor and taken_at."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["path,contributor,taken_at", *(",".join(row) for row in rows)]
    (folder / "photos.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def run_words(place: Place, photos: Path, out: Path, *more: object) -> list[object]:
    """Give the words of a run command."""
    return [
        *("run", place.policy, "--photos", photos, "--log", place.log),
        *("--out", out, "--workers", "1", *more),
    ]
