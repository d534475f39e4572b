"""Whether a policy may still be used, as far as the log can tell: succession and revocation.

Of the real policies of one id the newest that was adopted is the only one in use. It is followed by
a higher version that names its digest, and by nothing else, so that nobody goes back to looser
rules. Policies of class test are left out of that line: they need nobody's approval. What was
revoked stays so, whatever its class.
"""

from dataclasses import dataclass, field

from audit.bodies import PolicyAdopt, PolicyRevoke
from audit.entries import Entry


@dataclass(frozen=True)
class Objection:
    """Why a policy may not be used."""

    rule: str
    message: str
    hint: str

    def __str__(self) -> str:
        """Say what is wrong, with the rule's id."""
        return f"{self.message} [{self.rule}]"


@dataclass
class Standing:
    """The adopted policies, in use and revoked."""

    adopted: dict[str, PolicyAdopt] = field(default_factory=dict)
    newest: dict[str, PolicyAdopt] = field(default_factory=dict)
    """Of each id, the real policy in use."""
    revoked: dict[str, Entry] = field(default_factory=dict)
    """Of each revoked policy, by its digest, the first entry that says so."""

    def record(self, entry: Entry) -> None:
        """Take an entry that may stand into the state."""
        body = entry.body
        if isinstance(body, PolicyAdopt):
            self.adopted[body.policy] = body
            if body.class_ != "test":
                self.newest[body.id] = body
        elif isinstance(body, PolicyRevoke):
            self.revoked.setdefault(body.policy, entry)

    def to_adopting(self, body: PolicyAdopt) -> Objection | None:
        """Return why the policy may not be adopted, or adopted again; None where it may."""
        newest = self.newest.get(body.id)
        if body.policy in self.revoked or newest is None or body.class_ == "test":
            return self.to_using(body.policy)
        if newest.policy == body.policy or body.policy in self.adopted:
            return self.to_using(body.policy)
        hint = f"Write version: {newest.version + 1}, or more, and supersedes: {newest.policy}"
        if body.version <= newest.version:
            return Objection(
                "PL-SUCC-001",
                f"version {newest.version} of this policy is in use, and only a higher one follows",
                hint,
            )
        if body.supersedes != newest.policy:
            return Objection(
                "PL-SUCC-002",
                f"the policy does not name version {newest.version}, which is in use, "
                "as the one before",
                hint,
            )
        return None

    def to_using(self, policy: str) -> Objection | None:
        """Return why nothing may start or be spent under the policy; None where it may."""
        if (said := self.revoked.get(policy)) is not None:
            assert isinstance(said.body, PolicyRevoke)
            return Objection(
                "PL-APPR-005",
                f"the policy was revoked on {said.at}, in the role {said.body.role}",
                "Write a new version and have it approved; a revocation can't be taken back.",
            )
        body = self.adopted.get(policy)
        newest = self.newest.get(body.id) if body is not None and body.class_ != "test" else None
        if newest is not None and newest.policy != policy:
            return Objection(
                "PL-SUCC-003",
                f"version {newest.version} of this policy is in use, so older ones are not",
                "Use that version; its digest stands in the log (`crowdlens audit show`).",
            )
        return None
