"""A second verifier that shares no code with the writer or with `audit.verify`.

JSON, schema, tree, notes, signatures, order and budget are all read by other code, so that one
mistake can't hide in both. INVARIANT: nothing of `audit` outside this folder, and nothing of
`policies`, is imported here; an import contract says so.
"""

from audit.fsck.examine import Finding, Findings, fsck
from audit.fsck.problem import Problem

__all__ = ["Finding", "Findings", "Problem", "fsck"]
