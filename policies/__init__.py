"""The ground floor: what a study may do and name.

Reading: `load_policy`, `load_catalogue`, `load_rules`. Approving: `approve`, `verify_approvals`,
`approved`. Exact amounts: `Epsilon`, `Delta`, `Rho`, `Loss`. The words that may stay visible:
`Lexicon`. Every error derives from `PoliciesError`.
"""

from policies.amounts import Delta, Epsilon, Loss, Rho
from policies.approvals import Approver, approve, verify_approvals
from policies.catalogue import Catalogue, Entry, load_catalogue
from policies.decision import ApprovedRules, StudyRules, approved, load_rules
from policies.errors import PoliciesError
from policies.lexicon import Lexicon
from policies.policy import Policy, load_policy

__all__ = [
    "ApprovedRules",
    "Approver",
    "Catalogue",
    "Delta",
    "Entry",
    "Epsilon",
    "Lexicon",
    "Loss",
    "PoliciesError",
    "Policy",
    "Rho",
    "StudyRules",
    "approve",
    "approved",
    "load_catalogue",
    "load_policy",
    "load_rules",
    "verify_approvals",
]
