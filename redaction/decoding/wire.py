"""What crosses between a worker and its decoder: fixed headers and raw bytes.

Nothing that crosses is code or names a type, and whoever receives checks before it allocates.
"""

import socket
import struct
import time
from dataclasses import astuple, dataclass
from typing import Final, Self

from redaction.types.photo import Reason

READY: Final = b"+"
"""Said once by the decoder when it has started."""
PIXELS: Final = 0
REASONS: Final = tuple(Reason)

_REQUEST: Final = struct.Struct(">IQI?dIQ")
_ANSWER: Final = struct.Struct(">BIIII")
_END: Final = struct.Struct(">?Id")
_PIECE: Final = 1 << 20


class Nonsense(Exception):
    """The other side broke off, or said what it may not say."""


PATIENCE: Final = 10
"""Clock time by processor time that a photo's process may take."""


@dataclass(frozen=True)
class Request:
    """What is asked for one photo; its bytes follow."""

    longest: int
    max_pixels: int
    min_side: int
    refuse_frames: bool
    max_seconds: float
    max_memory_mb: int
    size: int
    """Of the photo's file in bytes."""

    def pack(self) -> bytes:
        """Return the header."""
        return _REQUEST.pack(*astuple(self))

    @classmethod
    def receive(cls, link: socket.socket) -> Self:
        """Read a header; raises `Nonsense`."""
        return cls(*_REQUEST.unpack(receive(link, _REQUEST.size)))


@dataclass(frozen=True)
class Answer:
    """`code` is `PIXELS`, and (height x width x 3) bytes follow, or 1 + an index of `REASONS`."""

    code: int
    width: int = 0
    height: int = 0
    full_width: int = 0
    full_height: int = 0

    def pack(self) -> bytes:
        """Return the header."""
        return _ANSWER.pack(*astuple(self))

    @classmethod
    def of(cls, reason: Reason) -> Self:
        """Return the answer that says why there are no pixels."""
        return cls(1 + REASONS.index(reason))

    @property
    def reason(self) -> Reason | None:
        """Why there are no pixels, or None where there are some."""
        return None if self.code == PIXELS else REASONS[self.code - 1]

    @classmethod
    def receive(cls, link: socket.socket, request: Request, deadline: float) -> Self:
        """Read a header that answers `request`; raises `Nonsense` for any that can't."""
        answer = cls(*_ANSWER.unpack(receive(link, _ANSWER.size, deadline)))
        # INVARIANT: nothing is allocated for a size that the request does not allow.
        if answer.code == PIXELS:
            full = (answer.full_width, answer.full_height)
            if min(full) < 1 or full[0] * full[1] > request.max_pixels:
                raise Nonsense
            size = working_size(*full, request.longest)
            if (answer.width, answer.height) != size or min(size) < request.min_side:
                raise Nonsense
        elif answer.code > len(REASONS):
            raise Nonsense
        return answer


@dataclass(frozen=True)
class End:
    """Said when the process of one photo is gone."""

    well: bool
    """It ended by itself, after its whole answer."""
    peak_kib: int = 0
    """The most memory that it had."""
    seconds: float = 0.0
    """Processor time that it took."""

    def pack(self) -> bytes:
        """Return it as bytes."""
        return _END.pack(*astuple(self))

    @classmethod
    def receive(cls, link: socket.socket, deadline: float) -> Self:
        """Read it; raises `Nonsense`."""
        raw = receive(link, _END.size, deadline)
        if raw[0] > 1:
            raise Nonsense
        return cls(*_END.unpack(raw))


def working_size(width: int, height: int, longest: int) -> tuple[int, int]:
    """Return width and height scaled so that neither is over `longest`; never scaled up."""
    scale = min(1.0, longest / max(width, height))
    return round(width * scale), round(height * scale)


def receive(link: socket.socket, size: int, deadline: float | None = None) -> bytearray:
    """Read exactly `size` bytes, until `deadline` of the monotonic clock; raises `Nonsense`."""
    taken = bytearray(size)
    view = memoryview(taken)
    while view:
        if deadline is not None:
            link.settimeout(_remaining(deadline))
        try:
            count = link.recv_into(view, min(len(view), _PIECE))
        except OSError:
            raise Nonsense from None
        if not count:
            raise Nonsense
        view = view[count:]
    return taken


def receive_bytes(link: socket.socket, size: int) -> bytes:
    """Read exactly `size` bytes, however long it takes, and copy them once."""
    taken = link.recv(size, socket.MSG_WAITALL)
    if len(taken) != size:
        raise Nonsense
    return taken


def send(link: socket.socket, data: bytes, deadline: float) -> None:
    """Write all of `data` until `deadline`; raises `Nonsense`."""
    try:
        link.settimeout(_remaining(deadline))
        link.sendall(data)
    except OSError:
        raise Nonsense from None


def hand_over(link: socket.socket, end: socket.socket, deadline: float) -> None:
    """Give the other side one end of a connection of its own; raises `Nonsense`."""
    try:
        link.settimeout(_remaining(deadline))
        socket.send_fds(link, [b"\0"], [end.fileno()])
    except OSError:
        raise Nonsense from None


def _remaining(deadline: float) -> float:
    # Never zero, which would mean not to wait at all.
    return max(deadline - time.monotonic(), 1e-3)
