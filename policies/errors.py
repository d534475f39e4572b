"""What can go wrong with a policy, a catalogue or an approval.

    PoliciesError               the root; nothing else leaves this package
    ├── PolicyInvalid           the file breaks a rule: file, line, field, rule id, fix
    ├── CatalogueInvalid        the same for a catalogue
    ├── PolicyRefuses           a valid policy says no (period over, no approval, budget)
    ├── ApprovalUntrusted       a signature or key that can't be trusted
    ├── ApprovalsUnwritable     the approvals file can't be written
    └── TruthInvalid            a truth file of an evaluation that can't be used

Every error has a `code` (stable, for scripts), an `exit_code` (the process's), and a `hint`
(what to do). Messages may quote a policy or a catalogue, which are public; never the data.
"""

from dataclasses import dataclass
from typing import ClassVar, Literal


class PoliciesError(Exception):
    """Root of this package's errors."""

    code: ClassVar[str] = "policies"
    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Finding:
    """One broken rule, where it was broken, and the way out."""

    rule: str
    """Stable rule id, such as `PL-BUDGET-001`."""
    field: str
    """Dotted path of the field, or `(file)`."""
    line: int
    """1-based line in the file; 0 where no line can be named."""
    message: str
    fix: str
    severity: Literal["error", "warning"] = "error"
    """An error refuses the file; a warning is for the reviewer to weigh."""
    law: str = ""
    """Where the rule comes from, if from a law: orientation, no advice."""

    def sentence(self, file: str) -> str:
        """Return the finding as one line: file, line, field, rule, what, why and the fix."""
        what = self.message if self.severity == "error" else f"warning: {self.message}"
        why = f" ({self.law})" if self.law else ""
        return f"{file}:{self.line}: {self.field}: {what}{why} [{self.rule}] Fix: {self.fix}"


class PolicyInvalid(PoliciesError):
    """A policy file that breaks one or more rules."""

    code = "policy-invalid"

    def __init__(self, file: str, findings: tuple[Finding, ...]) -> None:
        super().__init__("\n".join(f.sentence(file) for f in findings))
        self.file = file
        self.findings = findings


class CatalogueInvalid(PolicyInvalid):
    """A catalogue file that breaks one or more rules."""

    code = "catalogue-invalid"


class PolicyRefuses(PoliciesError):
    """The policy is valid, and its answer is no."""

    code = "policy-refuses"
    exit_code = 7

    def __init__(self, rule: str, message: str, *, hint: str = "") -> None:
        super().__init__(f"{message} [{rule}]", hint=hint)
        self.rule = rule


class ApprovalUntrusted(PoliciesError):
    """A signature that does not verify, or a key that nobody trusts."""

    code = "approval-untrusted"
    exit_code = 5


class ApprovalsUnwritable(PoliciesError):
    """The approvals file can't be written: disk full, no permission."""

    code = "approvals-unwritable"
    exit_code = 10


class TruthInvalid(PoliciesError):
    """A truth file that can't be read, or whose rows can't be used; it is never quoted."""

    code = "truth-invalid"
    exit_code = 9
