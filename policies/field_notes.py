"""What each field of a policy answers to in law, and what makes it hold.

`enforced`: the engine can't or won't do otherwise. `checked`: a policy that contradicts itself
there is refused; that people keep to it is up to them. `recorded`: a statement that approvers sign
and auditors read; nothing here can check it. Articles are of the GDPR unless another law is named;
orientation, no advice.
"""

from dataclasses import dataclass
from typing import Final, Literal

Kept = Literal["enforced", "checked", "recorded"]


@dataclass(frozen=True)
class FieldNote:
    """One field or section."""

    field: str
    kept: Kept
    how: str
    law: str = ""


FIELD_NOTES: Final = (
    FieldNote("schema", "enforced", "another schema is refused"),
    FieldNote("id", "recorded", "stands in every log entry of the policy"),
    FieldNote("version", "enforced", "a real policy is followed by a higher version alone"),
    FieldNote(
        "supersedes",
        "enforced",
        "names the version in use, which it puts out of use; not in class test",
    ),
    FieldNote(
        "class", "enforced", "test alone runs without approvals and witnesses, on no real photos"
    ),
    FieldNote(
        "purpose.statement", "recorded", "what contributors are told", "Art. 5(1)(b), 13(1)(c)"
    ),
    FieldNote(
        "purpose.dpv",
        "recorded",
        "requests for other purposes are denied",
        "Art. 5(1)(b), 30(1)(b)",
    ),
    FieldNote(
        "purpose.duo", "checked", "contradictions with other fields are refused", "Art. 5(1)(b)"
    ),
    FieldNote(
        "purpose.prohibited_uses",
        "recorded",
        "requests for these uses are denied",
        "Recitals 51, 162",
    ),
    FieldNote("validity", "enforced", "no run outside these days", "Art. 5(1)(e)"),
    FieldNote(
        "approvals",
        "enforced",
        "no run without these signatures over exactly these rules",
        "Art. 24(1), 35(2)",
    ),
    FieldNote(
        "dataset.id",
        "enforced",
        "its budget is never renewed, its class never changes",
        "Art. 5(1)(b)",
    ),
    FieldNote(
        "dataset.collection", "checked", "test photos and real ones don't mix", "Art. 5(1)(a)"
    ),
    FieldNote(
        "dataset.consent",
        "enforced",
        "under column, a row without a yes is not read; that people agreed nothing here can check",
        "Art. 7(1)",
    ),
    FieldNote("dataset.acquisition", "recorded", "how the photos were got", "Art. 5(1)(a)"),
    FieldNote(
        "dataset.untargeted_face_scraping",
        "recorded",
        "a constant that approvers sign",
        "AI Act, Art. 5(1)(e)",
    ),
    FieldNote("privacy_unit", "enforced", "whom the guarantee protects", "Recital 26"),
    FieldNote("contributions", "enforced", "what one contributor can count for", "Art. 5(1)(c)"),
    FieldNote(
        "contributions.near_duplicates",
        "enforced",
        "photos of one contributor that look the same count once; nobody else's are compared",
        "Art. 5(1)(c), 5(1)(e)",
    ),
    FieldNote(
        "budget",
        "enforced",
        "no noise is drawn beyond it; no refresh, no refund",
        "Art. 5(1)(c), 25(1)",
    ),
    FieldNote("statistics", "enforced", "no other table leaves", "Art. 5(1)(c), recital 162"),
    FieldNote(
        "dimensions",
        "enforced",
        "no other label is recognised; none is about a person",
        "Art. 9(1); AI Act, Art. 5(1)(g)",
    ),
    FieldNote(
        "dimensions.region.from",
        "enforced",
        "of a place no more than a column's region, or one of these countries, goes past the door",
        "Art. 5(1)(c), 25(2)",
    ),
    FieldNote("continual", "enforced", "no period is released twice"),
    FieldNote(
        "model_release",
        "enforced",
        "no model is trained without it, nor by another recipe; each training is paid for",
        "Art. 5(1)(b), 5(1)(c), 25(1)",
    ),
    FieldNote(
        "model_release.contributors",
        "recorded",
        "a public guess: a wrong one costs accuracy, and no privacy",
        "Art. 5(1)(c)",
    ),
    FieldNote("redaction", "enforced", "what can't be checked is withheld", "Art. 25(1), 32(1)"),
    FieldNote(
        "redaction.text_reason",
        "recorded",
        "asked for where text is looser than the default",
        "Art. 25(2)",
    ),
    FieldNote("redaction.evaluation", "enforced", "no run without it", "Art. 32(1)(d)"),
    FieldNote(
        "recognition", "enforced", "how sure a label must be, and by which nets", "Art. 5(1)(d)"
    ),
    FieldNote(
        "recognition.heads",
        "enforced",
        "no head but these; each tells labels of the policy alone",
        "Art. 5(1)(d), 32(1)",
    ),
    FieldNote(
        "models",
        "enforced",
        "no run through other weights, where the policy names them",
        "Art. 5(1)(d), 32(1)",
    ),
    FieldNote(
        "biometrics",
        "enforced",
        "a constant: nothing compares or stores faces",
        "Recital 51, Art. 9(1); BIPA, 15",
    ),
    FieldNote(
        "retention",
        "enforced",
        "constants: what is kept, and what is not",
        "Art. 5(1)(e); BIPA, 15(a)",
    ),
    FieldNote(
        "retention.private_commitments_days",
        "enforced",
        "the next run destroys older salts; copies of the log's private folder are up to you",
        "Art. 5(1)(e), 17(1)",
    ),
    FieldNote("release.formats", "enforced", "written in these forms alone"),
    FieldNote(
        "release.recipients",
        "recorded",
        "requests by others are denied; files can be passed on",
        "Art. 13(1)(e), 30(1)(d)",
    ),
    FieldNote(
        "thresholds", "enforced", "a constant: every cell leaves with its noise", "Recital 26"
    ),
    FieldNote("controller", "recorded", "who answers for it", "Art. 13(1), 30(1)(a), 37"),
    FieldNote("record_of_processing", "recorded", "`policy export --ropa` prints it", "Art. 30(1)"),
    FieldNote(
        "lawful_basis", "recorded", "the right by which photos are processed", "Art. 5(2), 6(1), 9"
    ),
    FieldNote(
        "dpia",
        "checked",
        "approved before the study begins; the document stays with you",
        "Art. 35, 36",
    ),
    FieldNote(
        "optouts",
        "checked",
        "by-operator is a promise",
        "Art. 7(3), 21(1)",
    ),
    FieldNote(
        "optouts.applied",
        "enforced",
        "by-run: no run without a list; whoever is in it is left out before a photo is opened",
        "Art. 7(3), 17(1)(c), 21(1)",
    ),
    FieldNote(
        "optouts.max_age_days",
        "enforced",
        "by-run: no run with an older list; by-operator: a promise",
        "Art. 12(3)",
    ),
    FieldNote(
        "audit.witness_quorum",
        "enforced",
        "no run where the trust file asks for fewer",
        "Art. 5(2), 32(1)(b)",
    ),
)


def note_of(field: str) -> FieldNote:
    """Return the note of a field, or of the nearest section above it that has one.

    Raises `KeyError` for a field of which nothing is said.
    """
    notes = {note.field: note for note in FIELD_NOTES}
    while field not in notes:
        above, _, _ = field.rpartition(".")
        if not above:
            raise KeyError(field)
        field = above
    return notes[field]
