"""A witness that answers over HTTP (C2SP tlog-witness), for logs that it was made to know.

It listens on the loopback interface unless told otherwise, holds no secret of any log, and writes
no record of who asked. Every answer is either a cosignature, made durable before it is given, or a
status: 400 unreadable, 403 not signed by the log, 404 another log, 409 with the remembered size,
422 a proof that fails, 503 a memory that can't be read or written.
"""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET6, SHUT_RDWR
from threading import BoundedSemaphore, Timer
from typing import Any

from audit.checkpoint import SignedCheckpoint
from audit.errors import (
    AuditError,
    LogCut,
    LogForked,
    NoteInvalid,
    SignatureUntrusted,
    WitnessRefused,
)
from audit.hand_over import HandOver
from audit.note import SignedNote
from audit.witness import DirectoryWitness, recall
from audit.witness_wire import (
    ADD,
    HAND_OVER,
    MAX_REQUEST_BYTES,
    READ,
    SIZE_TYPE,
    AddRequest,
    size_body,
)

Answer = tuple[int, str, bytes]
"""Status, content type, body."""

_PLAIN = "text/plain; charset=utf-8"
_AT_ONCE = 32
_PATIENCE = 10.0
"""Seconds that a silent client may hold a connection."""
_LONGEST = 60.0
"""Seconds that any client may."""


def answer_add(witnesses: Sequence[DirectoryWitness], body: bytes, at: date) -> Answer:
    """Answer one add-checkpoint request, on the UTC date `at`; never raises."""
    try:
        request = AddRequest.parse(body)
        signed = SignedCheckpoint.parse(request.checkpoint)
    except NoteInvalid:
        return _status(400)
    witness = next((w for w in witnesses if w.log.name == signed.checkpoint.origin), None)
    if witness is None:
        return _status(404)
    size = signed.checkpoint.size
    try:
        witness.log_keys().require_signed(signed.note, size)
    except SignatureUntrusted:
        return _status(403)
    except AuditError:
        return _status(503)

    def add() -> Answer:
        line = witness.add_checkpoint(request.old_size, request.proof, request.checkpoint, at)
        return 200, _PLAIN, line.encode()

    return _answered(witness, request.old_size, size, add)


def answer_hand_over(witnesses: Sequence[DirectoryWitness], body: bytes) -> Answer:
    """Answer one request to take note of a log's next key; never raises."""
    try:
        request = AddRequest.parse(body)
        before = HandOver.parse(SignedNote.parse(request.checkpoint).text).before
    except NoteInvalid:
        return _status(400)
    witness = next((w for w in witnesses if w.log.name == before.origin), None)
    if witness is None:
        return _status(404)

    def take() -> Answer:
        try:
            witness.hand_over(request.old_size, request.proof, request.checkpoint)
        except SignatureUntrusted:
            return _status(403)
        return _status(200)

    return _answered(witness, request.old_size, before.size, take)


def _answered(
    witness: DirectoryWitness, old_size: int, size: int, act: Callable[[], Answer]
) -> Answer:
    if old_size > size:
        return _status(400)
    try:
        return act()
    except LogForked:
        return _status(409 if old_size == size else 422)
    except (LogCut, WitnessRefused):
        return _conflict(witness, old_size)
    except AuditError:
        return _status(503)


def _conflict(witness: DirectoryWitness, old_size: int) -> Answer:
    try:
        memory = witness.latest()
    except AuditError:
        return _status(503)
    known = memory.size if memory else 0
    if known == old_size:  # it was the proof that did not fit
        return _status(422)
    return 409, SIZE_TYPE, size_body(known)


def answer_read(witnesses: Sequence[DirectoryWitness], origin: str) -> Answer:
    """Answer with what the witness of that log remembers, empty for nothing yet; never raises."""
    witness = next((w for w in witnesses if w.log.name == origin), None)
    if witness is None:
        return _status(404)
    try:
        memory = recall(witness.path, witness.vkey, witness.log_keys())
    except AuditError:
        return _status(503)
    return 200, _PLAIN, memory.note.to_bytes() if memory else b""


def _status(code: int) -> Answer:
    return code, _PLAIN, b""


class WitnessServer(ThreadingHTTPServer):
    """Serves witnesses' folders until it is shut down; `today` gives the UTC date."""

    daemon_threads = True

    def __init__(
        self,
        address: tuple[str, int],
        witnesses: Sequence[DirectoryWitness],
        today: Callable[[], date],
    ) -> None:
        self.witnesses, self.today = tuple(witnesses), today
        if ":" in address[0]:
            self.address_family = AF_INET6
        self._room = BoundedSemaphore(_AT_ONCE)
        super().__init__(address, _Handler)

    @property
    def url(self) -> str:
        """Where it listens."""
        host, port = self.server_address[:2]
        shown = host.decode() if isinstance(host, bytes) else host
        return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Handle a request in a thread, or drop it where too many are open."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Give the room back whatever happens."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away is no news, and a core prints nothing."""


class _Handler(BaseHTTPRequestHandler):
    server: WitnessServer
    timeout = _PATIENCE
    server_version = "crowdlens-witness"
    sys_version = ""
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        # A client that drips must not keep the room of others.
        self._timer = Timer(_LONGEST, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def finish(self) -> None:
        self._timer.cancel()
        with suppress(OSError):
            super().finish()

    def _cut(self) -> None:
        with suppress(OSError):
            self.connection.shutdown(SHUT_RDWR)

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "")
        name = self.path.rpartition("/")[2]
        if name not in (ADD, HAND_OVER):
            self._send(_status(404))
        elif not re.fullmatch("[0-9]{1,9}", length) or int(length) > MAX_REQUEST_BYTES:
            self._send(_status(400))
        else:
            body = self.rfile.read(int(length))
            witnesses = self.server.witnesses
            if name == ADD:
                self._send(answer_add(witnesses, body, self.server.today()), keep=True)
            else:
                self._send(answer_hand_over(witnesses, body), keep=True)

    def do_GET(self) -> None:
        path, _, origin = self.path.lstrip("/").partition("/")
        self._send(answer_read(self.server.witnesses, origin) if path == READ else _status(404))

    def _send(self, answer: Answer, *, keep: bool = False) -> None:
        status, kind, body = answer
        self.close_connection = self.close_connection or not keep
        with suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep no record of who asked, and when."""
