"""What can go wrong with the audit log, its keys, its witness and its proofs.

    AuditError                  the root; nothing else leaves this package
    ├── LogTampered             bytes, order or root differ from what was signed (exit 3)
    │   ├── LogForked           a witness or an anchor remembers another history of the log
    │   ├── NoteInvalid         a signed note, key, checkpoint or proof that does not parse
    │   └── ProofInvalid        a Merkle proof that does not verify
    ├── LogCut                  rolled back, shortened or deleted (exit 4)
    ├── SignatureUntrusted      no valid signature by a pinned key (exit 5)
    │   └── TimestampInvalid    a time stamp that does not verify, or is of something else
    ├── TimestampUnavailable    no authority answers, or the extra is not installed (exit 2)
    ├── WitnessMissing          too few witnesses answer, or one lost its memory (exit 6)
    ├── WitnessRefused          a witness's answer is no, for want of an up-to-date request (exit 6)
    ├── LifecycleBroken         an entry out of its order (exit 7)
    ├── BudgetRefused           the dataset's budget says no (exit 7)
    ├── OutputDiffers           a released file is not what was recorded (exit 8)
    ├── LogUnreadable           a file of the log can't be read (exit 9)
    ├── SaltsGone               a run's commitments can't be opened: their salts are gone (exit 9)
    ├── LogUnwritable           the log can't be written: disk full, no permission (exit 10)
    ├── TrustInvalid            the trust file breaks a rule (exit 2)
    ├── EntryInvalid            a body outside the closed schema (exit 2)
    └── LogExists               something is already where a log or key should be made (exit 2)

Messages name public things only: policy numbers, dataset ids, key names; never the data.
"""

from typing import ClassVar


class AuditError(Exception):
    """Root of this package's errors."""

    code: ClassVar[str] = "audit"
    exit_code: ClassVar[int] = 2
    next_step: ClassVar[str] = ""
    """What to do about it, where the place that raises it knows nothing better."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint or self.next_step


class LogTampered(AuditError):
    """Bytes, order or root differ from what was signed."""

    code = "log-tampered"
    exit_code = 3
    next_step = (
        "Leave the log and its witnesses as they are, and compare them with what others kept."
    )


class LogForked(LogTampered):
    """A witness, or a head that somebody kept, remembers another history of the same log."""

    code = "log-forked"
    next_step = "Leave the log, its witnesses and every kept head as they are: both were signed."


class NoteInvalid(LogTampered):
    """A signed note, verifier key, checkpoint or proof file that does not parse."""

    code = "note-invalid"
    next_step = "Is it the right file, and whole?"


class ProofInvalid(LogTampered):
    """A Merkle proof that does not lead to the root it should."""

    code = "proof-invalid"
    next_step = "Ask whoever runs the log for the proof anew."


class LogCut(AuditError):
    """Fewer entries than were signed or than a witness remembers."""

    code = "log-cut"
    exit_code = 4
    next_step = (
        "Is it the right folder, and the newest copy? If so, entries are gone: leave the log and "
        "its witnesses as they are."
    )


class SignatureUntrusted(AuditError):
    """No valid signature by a key that the trust file pins."""

    code = "signature-untrusted"
    exit_code = 5
    next_step = "Is it the right key or trust file? Get that by another way than the log."


class TimestampInvalid(SignatureUntrusted):
    """A time stamp that does not parse or verify, or that is of something else."""

    code = "timestamp-invalid"
    next_step = "Is it the right file? An authority's certificates come from the authority."


class TimestampUnavailable(AuditError):
    """A time stamp can't be had or read: no answer, or the extra is not installed."""

    code = "timestamp-unavailable"


class WitnessMissing(AuditError):
    """Too few witnesses answer, or one has lost its memory."""

    code = "witness-missing"
    exit_code = 6
    next_step = "Ask whoever keeps the witness, and never make a new one to get past this."


class WitnessRefused(WitnessMissing):
    """A witness would not cosign a request that does not start from what it remembers."""

    code = "witness-refused"
    next_step = "Ask whoever keeps the witness what it remembers (`crowdlens audit witness show`)."


class LifecycleBroken(AuditError):
    """An entry that may not stand where it stands, such as a release without its spend."""

    code = "lifecycle-broken"
    exit_code = 7


class BudgetRefused(AuditError):
    """The dataset's declared total does not allow the spend, or is declared already."""

    code = "budget-refused"
    exit_code = 7


class OutputDiffers(AuditError):
    """A released file is not the one that the log recorded."""

    code = "output-differs"
    exit_code = 8


class LogUnreadable(AuditError):
    """A file of the log can't be read by this user."""

    code = "log-unreadable"
    exit_code = 9


class SaltsGone(AuditError):
    """The salts of a run's commitments are not there: what it read can't be shown any more."""

    code = "salts-gone"
    exit_code = 9


class LogUnwritable(AuditError):
    """The log can't be written; the work must stop."""

    code = "log-unwritable"
    exit_code = 10


class TrustInvalid(AuditError):
    """The trust file breaks a rule."""

    code = "trust-invalid"
    next_step = "Is it the right file? Give --trust; without it, trust.yaml beside the log is read."


class EntryInvalid(AuditError):
    """A body that the closed schema can't express."""

    code = "entry-invalid"


class LogExists(AuditError):
    """There is something already where a log, a witness or a key should be made."""

    code = "log-exists"
    next_step = "Nothing was changed: give a path where nothing is yet."
