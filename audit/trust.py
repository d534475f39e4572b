"""The trust file: which keys an auditor believes, given out of band and never read from the log.

    schema: crowdlens-trust/v1
    log: crowdlens/<32 hex>+<key id>+<base64>
    witnesses:
      - vkey: crowdlens-witness/<32 hex>+<key id>+<base64>
        path: witness
    quorum: 1
    approvers:
      - role: steward
        key: ed25519:<64 hex>

`path` is relative to the trust file. A witness on another machine has `url: http://host:8765`
instead; one that can't be asked from here has neither.

Where the log's key was rotated, `log` stays its first key: the log's own entries lead from there to
the later ones, by the word of each key for the next. To believe a later key without the log, as a
proof has to be, or whatever the log says, the file may name it; and it may say of a key that was
stolen up to which tree size its signatures count:

    successors:
      - vkey: crowdlens/<32 hex>+<key id>+<base64>
        from: 120
    revoked:
      - vkey: crowdlens/<32 hex>+<key id>+<base64>
        last_good: 117
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import Field, ValidationError

from audit.bodies import Closed
from audit.durable import read_bytes, replace_file
from audit.errors import NoteInvalid, TrustInvalid
from audit.log_keys import LogKeys, Revoked, Successor
from audit.note import COSIGNATURE, ED25519, VerifierKey
from policies.approvals import Approver
from policies.strict_yaml import YamlRefused, parse

_MAX_BYTES = 256 * 1024


_Url = Annotated[
    str,
    Field(
        pattern=r"^https?://([A-Za-z0-9.-]{1,253}|\[[0-9a-f:]{2,39}\])(:[0-9]{1,5})?(/[A-Za-z0-9._~-]{1,100}){0,9}/?$"
    ),
]


class _WitnessText(Closed):
    vkey: Annotated[str, Field(max_length=500)]
    path: (
        Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[^\x00-\x1f]+$")] | None
    ) = None
    url: _Url | None = None


class _ApproverText(Closed):
    role: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    key: Annotated[str, Field(pattern=r"^ed25519:[0-9a-f]{64}$")]


_Size = Annotated[int, Field(ge=0, lt=10**15)]


class _SuccessorText(Closed):
    vkey: Annotated[str, Field(max_length=500)]
    from_: Annotated[_Size, Field(alias="from")]


class _RevokedText(Closed):
    vkey: Annotated[str, Field(max_length=500)]
    last_good: _Size


class _TrustText(Closed):
    schema_: Annotated[Literal["crowdlens-trust/v1"], Field(alias="schema")]
    log: Annotated[str, Field(max_length=500)]
    successors: list[_SuccessorText] = Field(default_factory=list)
    revoked: list[_RevokedText] = Field(default_factory=list)
    witnesses: list[_WitnessText] = Field(default_factory=list)
    quorum: Annotated[int, Field(ge=0, le=16)]
    approvers: list[_ApproverText] = Field(default_factory=list)


@dataclass(frozen=True)
class TrustedWitness:
    """A witness's cosignature key, and where it can be asked: a folder, a URL, or nowhere."""

    vkey: VerifierKey
    path: Path | None = None
    url: str | None = None
    """The prefix of its calls (C2SP tlog-witness), where it answers over HTTP."""


@dataclass(frozen=True)
class Trust:
    """The pinned keys: the log's, the witnesses', the approvers'."""

    log: VerifierKey
    witnesses: tuple[TrustedWitness, ...] = ()
    quorum: int = 0
    """How many different witnesses must have cosigned; 0 means that nobody guards the log."""
    approvers: tuple[Approver, ...] = ()
    """Whose signatures count, each in one role."""
    successors: tuple[Successor, ...] = ()
    """Later keys of the log that are believed without the log's word; in their order."""
    revoked: tuple[Revoked, ...] = ()
    """Keys of the log that others hold, too."""

    def __post_init__(self) -> None:
        if self.log.algorithm != ED25519:
            raise TrustInvalid("the log's key must be of type 0x01 (Ed25519)")
        if any(w.vkey.algorithm != COSIGNATURE for w in self.witnesses):
            raise TrustInvalid("a witness's key must be of type 0x04 (cosignature/v1)")
        if any(w.path is not None and w.url is not None for w in self.witnesses):
            raise TrustInvalid("a witness is in a folder or at a URL, not both")
        # INVARIANT: one key counts once, under whatever names it is listed.
        later = [s.vkey.public for s in self.successors]
        guards = [self.log.public, *later, *(w.vkey.public for w in self.witnesses)]
        names = [self.log.name, *(w.vkey.name for w in self.witnesses)]
        if len(set(guards)) < len(guards) or len(set(names)) < len(names):
            raise TrustInvalid("the log and its witnesses must have distinct names and keys")
        self._check_later_keys()
        if len({a.key for a in self.approvers}) < len(self.approvers):
            raise TrustInvalid("an approver's key may be listed once, in one role")
        if not 0 <= self.quorum <= len(self.witnesses):
            raise TrustInvalid("the quorum can't exceed the number of witnesses")

    def _check_later_keys(self) -> None:
        keys = [*(s.vkey for s in self.successors), *(r.vkey for r in self.revoked)]
        if any((k.name, k.algorithm) != (self.log.name, ED25519) for k in keys):
            raise TrustInvalid("successors and revoked keys are keys of the log, under its name")
        # The first entry is nobody's hand-over, so that none is below 2.
        sizes = [1, *(s.size for s in self.successors)]
        if sizes != sorted(set(sizes)):
            raise TrustInvalid("successors follow each other, each from a larger size")
        if len({r.vkey for r in self.revoked}) < len(self.revoked):
            raise TrustInvalid("a key is revoked twice")

    @property
    def log_keys(self) -> LogKeys:
        """The log's keys as far as this file names them, for what is verified without the log."""
        listed = frozenset(s.vkey for s in self.successors)
        return LogKeys(self.log, self.successors, self.revoked, listed)

    @property
    def witness_keys(self) -> tuple[VerifierKey, ...]:
        """The witnesses' cosignature keys."""
        return tuple(w.vkey for w in self.witnesses)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a trust file; raises `TrustInvalid` whatever is wrong with it."""
        data = read_bytes(path)
        if data is None:
            raise TrustInvalid("there is no trust file at this path")
        if len(data) > _MAX_BYTES:
            raise TrustInvalid("the trust file is too long")
        try:
            value = parse(data.decode("utf-8")).value
            text = _TrustText.model_validate(value)
            return cls(
                VerifierKey.parse(text.log),
                tuple(
                    TrustedWitness(
                        VerifierKey.parse(w.vkey), path.parent / w.path if w.path else None, w.url
                    )
                    for w in text.witnesses
                ),
                text.quorum,
                tuple(Approver(a.role, a.key) for a in text.approvers),
                tuple(Successor(VerifierKey.parse(s.vkey), s.from_) for s in text.successors),
                tuple(Revoked(VerifierKey.parse(r.vkey), r.last_good) for r in text.revoked),
            )
        except ValidationError as error:
            places = ", ".join(sorted({".".join(map(str, e["loc"])) for e in error.errors()}))
            raise TrustInvalid(f"the trust file breaks its schema at: {places}") from None
        except YamlRefused as error:
            raise TrustInvalid(f"the trust file is not plain YAML: {error}") from None
        except UnicodeDecodeError:
            raise TrustInvalid("the trust file is not plain YAML") from None
        except NoteInvalid as error:
            raise TrustInvalid(
                f"the trust file holds a key that does not parse: {error}"
            ) from error

    def dump(self, path: Path) -> None:
        """Write the trust file, with the witnesses' paths relative to it."""
        value = {
            "schema": "crowdlens-trust/v1",
            "log": str(self.log),
            **self._later_keys(),
            "witnesses": [
                {"vkey": str(w.vkey)}
                | ({} if w.path is None else {"path": os.path.relpath(w.path, path.parent)})
                | ({} if w.url is None else {"url": w.url})
                for w in self.witnesses
            ],
            "quorum": self.quorum,
            "approvers": [asdict(a) for a in self.approvers],
        }
        replace_file(path, yaml.safe_dump(value, sort_keys=False, allow_unicode=True).encode())

    def _later_keys(self) -> dict[str, Any]:
        named: dict[str, list[dict[str, Any]]] = {
            "successors": [{"vkey": str(s.vkey), "from": s.size} for s in self.successors],
            "revoked": [{"vkey": str(r.vkey), "last_good": r.last_good} for r in self.revoked],
        }
        return {name: keys for name, keys in named.items() if keys}
