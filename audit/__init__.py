"""The audit log: append-only, witnessed, and the only place where the privacy budget is kept.

Write:   `Log.create`, `Log.open`, `Log.start_run`, `RunHandle.reserve`, `RunHandle.release`
Guard:   `DirectoryWitness`, `Trust`
Verify:  `verify`, `prove`, `TlogProof`, `verify_release`, `keep_evidence`, `TimeAuthority`
Budget:  `fold`, `Account`, `Reservation`
"""

from audit.anchors import Fork, keep_evidence
from audit.bodies import Approval, Code, DatasetDeclare, Named, PolicyAdopt, RunStart, Training
from audit.checkpoint import Checkpoint
from audit.checks import Check
from audit.entries import Entry, entry_schema
from audit.errors import (
    AuditError,
    BudgetRefused,
    EntryInvalid,
    LifecycleBroken,
    LogCut,
    LogExists,
    LogForked,
    LogTampered,
    LogUnreadable,
    LogUnwritable,
    NoteInvalid,
    OutputDiffers,
    ProofInvalid,
    SaltsGone,
    SignatureUntrusted,
    TimestampInvalid,
    TimestampUnavailable,
    TrustInvalid,
    WitnessMissing,
    WitnessRefused,
)
from audit.ledger import Account, Ledger, Spend, fold
from audit.log import Log
from audit.note import VerifierKey
from audit.outputs import PROOF_NAME, outputs_in
from audit.proof import TlogProof, prove, verify_release
from audit.runs import Reservation, RunHandle
from audit.stamps import TimeStamp
from audit.timestamp import TimeAuthority
from audit.trust import Trust, TrustedWitness
from audit.verify import Verification, verify
from audit.witness import DirectoryWitness, Witness
from policies.approvals import Approver

__all__ = [
    "PROOF_NAME",
    "Account",
    "Approval",
    "Approver",
    "AuditError",
    "BudgetRefused",
    "Check",
    "Checkpoint",
    "Code",
    "DatasetDeclare",
    "DirectoryWitness",
    "Entry",
    "EntryInvalid",
    "Fork",
    "Ledger",
    "LifecycleBroken",
    "Log",
    "LogCut",
    "LogExists",
    "LogForked",
    "LogTampered",
    "LogUnreadable",
    "LogUnwritable",
    "Named",
    "NoteInvalid",
    "OutputDiffers",
    "PolicyAdopt",
    "ProofInvalid",
    "Reservation",
    "RunHandle",
    "RunStart",
    "SaltsGone",
    "SignatureUntrusted",
    "Spend",
    "TimeAuthority",
    "TimeStamp",
    "TimestampInvalid",
    "TimestampUnavailable",
    "TlogProof",
    "Training",
    "Trust",
    "TrustInvalid",
    "TrustedWitness",
    "Verification",
    "VerifierKey",
    "Witness",
    "WitnessMissing",
    "WitnessRefused",
    "entry_schema",
    "fold",
    "keep_evidence",
    "outputs_in",
    "prove",
    "verify",
    "verify_release",
]
