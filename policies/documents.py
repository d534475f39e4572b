"""Documents that a policy names by digest: is this file one of them?

The documents themselves (an impact assessment, a balancing test) stay with whoever wrote them.
"""

import hashlib
from pathlib import Path

from policies.errors import PolicyRefuses
from policies.policy import Policy


def fields_naming(policy: Policy, document: Path) -> tuple[str, ...]:
    """Return the fields that name the document, by the SHA-256 of its bytes.

    Raises `PolicyRefuses` (PL-DOC-001) where no field does, or the file can't be read.
    """
    try:
        with document.open("rb") as file:
            found = "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        raise PolicyRefuses(
            "PL-DOC-001", f"the document {document.name} can't be read", hint="Is the path right?"
        ) from None
    dpia, basis = policy.dpia, policy.lawful_basis
    named = {
        "dpia.digest": dpia and dpia.digest,
        "lawful_basis.balancing_test": basis and basis.balancing_test,
    }
    fields = tuple(field for field, digest in named.items() if digest == found)
    if not fields:
        raise PolicyRefuses(
            "PL-DOC-001",
            f"the policy names no document with the bytes of {document.name}",
            hint=f"Its digest is {found}: was the document changed after the policy was approved?",
        )
    return fields
