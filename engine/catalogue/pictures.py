"""A mark's file to pixels, by way of the drawing process, which alone looks into the file."""

import os
import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from engine.catalogue.errors import CatalogueError
from engine.catalogue.flaws import LONGEST, MAX_BYTES, MAX_SECONDS, MIN_SIDE, Flaw, Unusable
from engine.catalogue.wire import ANSWER, FLAWS, MOST_ANSWER, SIZE
from engine.sources.files import read_photo
from engine.sources.folder import inside
from redaction.decoding.process import BARE, START, command
from redaction.decoding.wire import PATIENCE, READY, Nonsense, receive, send

_BEGIN: Final = BARE + "from engine.catalogue.child import serve\nserve()\n"
_KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


class Drawer:
    """Keeps a drawing process for as long as the `with` lasts."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._link: socket.socket | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def draw(self, raw: bytes) -> NDArray[np.uint8]:
        """Return (h, w, 3) RGB or (h, w, 4) RGBA of a PNG, JPEG or SVG; raises `Unusable`.

        Raises `CatalogueError` where the process can't be started.
        """
        if len(raw) > MAX_BYTES:
            raise Unusable(Flaw.TOO_LARGE)
        if not raw:
            raise Unusable(Flaw.NOT_AN_IMAGE)
        deadline = time.monotonic() + MAX_SECONDS * PATIENCE + 1
        link = self._running()
        try:
            send(link, SIZE.pack(len(raw)) + raw, deadline)
            (size,) = SIZE.unpack(receive(link, SIZE.size, deadline))
            if size > MOST_ANSWER:
                raise Nonsense
            answer = bytes(receive(link, size, deadline))
        except BaseException as fault:
            # Even an interrupt: the next picture must not be given this one's answer.
            self._stop()
            if isinstance(fault, Nonsense):
                raise Unusable(Flaw.TOO_COSTLY) from None
            raise
        return _pixels(answer)

    def _running(self) -> socket.socket:
        if self._link is not None:
            return self._link
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603  nothing of it comes from outside
                    command(_BEGIN),
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    # The renderer says where it crashed.
                    stderr=subprocess.DEVNULL,
                    env=_ENVIRONMENT | {n: os.environ[n] for n in _KEPT if n in os.environ},
                    cwd="/",
                )
            # Only with the other end closed here is a process that ends early heard to end.
            if receive(ours, 1, time.monotonic() + START) != READY:
                raise Nonsense
        except (OSError, Nonsense):
            ours.close()
            self._stop()
            raise CatalogueError(
                "the process that draws marks can't be started",
                hint="Install the package again; check free memory.",
            ) from None
        self._link = ours
        return ours

    def _stop(self) -> None:
        if self._link is not None:
            self._link.close()
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait()
        self._link = self._process = None


def _pixels(answer: bytes) -> NDArray[np.uint8]:
    """Return the pixels of an answer that can be one; raises `Unusable`."""
    if not answer:
        raise Unusable(Flaw.TOO_COSTLY)
    if len(answer) < ANSWER.size:
        raise Unusable(Flaw.DAMAGED)
    code, height, width, channels = ANSWER.unpack(answer[: ANSWER.size])
    if code:
        raise Unusable(FLAWS[code - 1] if code <= len(FLAWS) else Flaw.DAMAGED)
    # INVARIANT: the process is not trusted to keep to the sizes.
    if (
        channels not in (3, 4)
        or max(height, width) > LONGEST
        or len(answer) - ANSWER.size != height * width * channels
    ):
        raise Unusable(Flaw.DAMAGED)
    if min(height, width) < MIN_SIDE:
        raise Unusable(Flaw.TINY)
    pixels = np.frombuffer(answer, dtype=np.uint8, offset=ANSWER.size)
    return pixels.reshape(height, width, channels).copy()


def read_file(folder: Path, name: str, limit: int = MAX_BYTES) -> bytes:
    """Return the bytes of a catalogue's file; raises `Unusable`."""
    file = inside(folder.resolve(), name)
    if file is None:
        raise Unusable(Flaw.OUTSIDE)
    raw = read_photo(file, limit)
    if not raw:
        raise Unusable(Flaw.MISSING if not file.is_file() else Flaw.NOT_AN_IMAGE)
    if len(raw) > limit:
        raise Unusable(Flaw.TOO_LARGE)
    return raw
