"""A witness on another machine, asked over HTTP (C2SP tlog-witness).

What it says is believed by its signature alone; whoever stands between can keep its answers back,
which stops the work, and can't change them. Plain `http` is as good as `https` for that, and shows
a listener the log's random name, its size and its root.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from socket import SHUT_RDWR
from threading import Timer
from typing import Final
from urllib.parse import urlsplit

from audit.checkpoint import Checkpoint, SignedCheckpoint
from audit.errors import (
    AuditError,
    LogCut,
    LogForked,
    NoteInvalid,
    SignatureUntrusted,
    WitnessMissing,
    WitnessRefused,
)
from audit.hand_over import HandOver
from audit.log_keys import LogKeys
from audit.note import MAX_NOTE_BYTES, Signature, SignedNote, VerifierKey
from audit.witness import believed_memory
from audit.witness_wire import ADD, HAND_OVER, READ, AddRequest, parse_size

PATIENCE: Final = 20.0
"""Seconds to wait for a witness to say anything."""
LONGEST: Final = 60.0
"""Seconds that one whole answer may take."""


@dataclass(frozen=True)
class HttpWitness:
    """A witness at a URL, with the keys that the trust file pins."""

    url: str
    """The prefix of its calls, such as `http://127.0.0.1:8765`."""
    vkey: VerifierKey
    log: VerifierKey
    """The log's first key."""

    def read_memory(self) -> bytes:
        """Return what it says that it remembers, not believed yet; empty for nothing.

        Raises `WitnessMissing` where it does not answer, `SignatureUntrusted` for another log.
        """
        status, body = self._call("GET", f"{READ}/{self.log.name}")
        if status == 404:
            raise SignatureUntrusted("the witness does not know this log")
        if status != 200:
            raise WitnessMissing("the witness can't say what it remembers")
        return body

    def recall(
        self, keys: LogKeys | None = None, size: int | None = None
    ) -> SignedCheckpoint | None:
        """Return what it remembers, None where it has cosigned nothing yet.

        Raises as `read_memory`, and `SignatureUntrusted` where its answer is not signed by the
        log's keys (left out, the first alone) and by the witness, `LogCut` where it remembers more
        entries than `size`.
        """
        body = self.read_memory()
        return believed_memory(body, self.vkey, keys or LogKeys(self.log), size) if body else None

    def latest(self, keys: LogKeys | None = None, size: int | None = None) -> Checkpoint | None:
        """Return the newest checkpoint it cosigned; raises as `recall`."""
        memory = self.recall(keys, size)
        return memory.checkpoint if memory else None

    def hand_over(self, old_size: int, proof: Sequence[bytes], statement: bytes) -> None:
        """Have it take note of the log's next key; raises as `add_checkpoint`."""
        size = HandOver.parse(SignedNote.parse(statement).text).before.size
        body = AddRequest.of(old_size, proof, statement).to_bytes()
        status, said = self._call("POST", HAND_OVER, body)
        if status != 200:
            raise _refusal(status, said, size)

    def add_checkpoint(
        self,
        old_size: int,
        proof: Sequence[bytes],
        signed_checkpoint: bytes,
        at: date,  # noqa: ARG002 the witness has its own calendar
    ) -> str:
        """Return the witness's cosignature line; it remembers the checkpoint by then.

        Raises `WitnessMissing` where it does not answer as a witness does, `SignatureUntrusted`
        (403, 404), `LogCut` or `WitnessRefused` (409), `LogForked` (422, and 409 for one size).
        """
        body = AddRequest.of(old_size, proof, signed_checkpoint).to_bytes()
        status, said = self._call("POST", ADD, body)
        if status == 200:
            return self._mine(said)
        new = SignedCheckpoint.parse(signed_checkpoint).checkpoint
        raise _refusal(status, said, new.size)

    def _mine(self, said: bytes) -> str:
        # Cosignatures by keys that nobody pinned are ignored.
        for line in said.decode("utf-8", "replace").split("\n"):
            try:
                if Signature.parse(line).is_by(self.vkey):
                    return line + "\n"
            except NoteInvalid:
                continue
        raise SignatureUntrusted("the witness's answer is not signed by the pinned key")

    def _call(self, method: str, name: str, body: bytes | None = None) -> tuple[int, bytes]:
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        try:
            with (
                closing(kind(parts.hostname or "", parts.port, timeout=PATIENCE)) as connection,
                _no_longer_than(LONGEST, connection),
            ):
                connection.request(method, f"{parts.path.rstrip('/')}/{name}", body)
                answer = connection.getresponse()
                said = answer.read(MAX_NOTE_BYTES + 1)
        except (OSError, HTTPException, ValueError) as error:
            raise WitnessMissing(
                "a witness does not answer",
                hint="Is it running, and the address in the trust file right? "
                "Never make a new one to get past this.",
            ) from error
        if len(said) > MAX_NOTE_BYTES:
            raise WitnessMissing("a witness's answer is too long")
        return answer.status, said


@contextmanager
def _no_longer_than(seconds: float, connection: HTTPConnection) -> Iterator[None]:
    """Cut the connection after so long: one that drips must not hold the log's lock for ever."""

    def cut() -> None:
        with suppress(OSError):
            if connection.sock is not None:
                connection.sock.shutdown(SHUT_RDWR)

    timer = Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _refusal(status: int, said: bytes, size: int) -> AuditError:
    if status in (403, 404):
        return SignatureUntrusted("the witness does not know this log or its key")
    if status == 422 or (status == 409 and not said):
        return LogForked("the log does not continue what its witness remembers")
    if status == 409:
        if _size(said) > size:
            return LogCut("the log is shorter than its witness remembers")
        return WitnessRefused("the request does not start from what the witness remembers")
    return WitnessMissing("the witness does not answer as a witness does")


def _size(said: bytes) -> int:
    try:
        return parse_size(said)
    except NoteInvalid as error:
        raise WitnessMissing("the witness does not answer as a witness does") from error
