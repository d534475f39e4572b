"""The worker's side of decoding: keep a decoder, ask it, trust nothing that it says.

The decoder is a process of its own (`redaction.decoding.child`), started once per worker with an
empty environment, and gone when the worker is. A photo that kills its process, hangs or takes too
much is `Undecodable`; the next photo finds a decoder as good as new.
"""

import atexit
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from redaction.decoding.outcome import Decoded, Undecodable
from redaction.decoding.wire import (
    PATIENCE,
    READY,
    Answer,
    End,
    Nonsense,
    Request,
    hand_over,
    receive,
    send,
)
from redaction.errors import DecoderUnusable
from redaction.types.photo import Reason

if TYPE_CHECKING:
    # Not at run time: the decoder's process loads this package too, and should stay small.
    from redaction.rules import Limits

GRACE: Final = 1.0
"""Seconds after a photo's time in which its process, killed by then, must have been seen to end."""
START: Final = 60.0
"""Seconds that a decoder may take to start."""

# `redaction` itself would load the nets. The decoder gets it as a bare package: only what
# decoding imports from it is loaded.
BARE: Final = """
import sys, types
sys.path[:] = sys.argv[2:]
redaction = sys.modules["redaction"] = types.ModuleType("redaction")
redaction.__path__ = [sys.argv[1]]
"""
_BEGIN: Final = BARE + "from redaction.decoding.child import serve\nserve()\n"
# A call that is on no list, and harmless: refused, it answers with what is no process.
_TRY: Final = (
    BARE
    + """
import os
from redaction.decoding.confinement import confine
confine(1.0, 1024)
os._exit(os.getppid() > 0)
"""
)
_PACKAGE: Final = Path(__file__).parents[1]
# One thread: a process of several can't be forked safely.
_ENVIRONMENT: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
_KEPT: Final = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
"""All that a Python may need of the worker's environment to start."""


class Decoder:
    """One decoder process. Not for use from several threads at once."""

    def __init__(self) -> None:
        self.last: End | None = None
        """How the last photo's process ended, and what it took: for measurements."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603  nothing of it comes from outside
                    command(_BEGIN),
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=_ENVIRONMENT | {n: os.environ[n] for n in _KEPT if n in os.environ},
                    cwd="/",
                    # A group of its own: an interrupt at the terminal is the worker's affair, and
                    # the photo's process goes when the group is killed.
                    process_group=0,
                )
            except OSError as error:
                ours.close()
                raise DecoderUnusable("the decoder can't be started") from error
        self._control = ours
        try:
            if receive(ours, 1, time.monotonic() + START) != READY:
                raise Nonsense
        except Nonsense:
            self.kill()
            raise DecoderUnusable(
                "the decoder can't be started", hint="Install the package again; check free memory."
            ) from None

    @property
    def alive(self) -> bool:
        """False once the process has ended, for whatever reason."""
        return self._process.poll() is None

    def decode(self, raw: bytes, request: Request) -> Decoded:
        """Have one photo decoded; raises `Undecodable`, and `Nonsense` when it must be killed."""
        deadline = time.monotonic() + request.max_seconds * PATIENCE + GRACE
        outcome: Decoded | Reason = Reason.TOO_COSTLY
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                hand_over(self._control, theirs, deadline)
            with suppress(Nonsense):
                outcome = _exchange(ours, raw, request, deadline)
        # INVARIANT: an answer counts only once the process that gave it has ended as it should.
        self.last = End.receive(self._control, deadline)
        if not self.last.well:
            outcome = Reason.TOO_COSTLY
        if isinstance(outcome, Reason):
            raise Undecodable(outcome)
        return outcome

    def close(self) -> None:
        """End the decoder by hanging up."""
        self._control.close()
        try:
            self._process.wait(2)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the decoder and the photo's process at once."""
        self._control.close()
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def disown(self) -> None:
        """Let go of it in a forked copy of the worker, whose child it is not."""
        self._control.close()
        self._process.returncode = 0


def filter_holds() -> bool:
    """Say whether this machine's kernel filters the system calls of what decodes a photo.

    Tries it, in a process of its own. Where it is not so, limits alone confine a decoder.
    """
    try:
        tried = subprocess.run(  # noqa: S603  nothing of it comes from outside
            command(_TRY),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT | {n: os.environ[n] for n in _KEPT if n in os.environ},
            cwd="/",
            timeout=START,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return tried.returncode == 0


def command(program: str) -> list[str]:
    """Return the command line that runs a program which begins with `BARE`, in isolation."""
    paths = [os.path.abspath(path) for path in sys.path if isinstance(path, str) and path]
    return [sys.executable, "-I", "-B", "-c", program, str(_PACKAGE), *paths]


def _exchange(
    link: socket.socket, raw: bytes, request: Request, deadline: float
) -> Decoded | Reason:
    send(link, request.pack(), deadline)
    send(link, raw, deadline)
    answer = Answer.receive(link, request, deadline)
    if answer.reason is not None:
        return answer.reason
    shape = (answer.height, answer.width, 3)
    taken = receive(link, answer.height * answer.width * 3, deadline)
    pixels = np.frombuffer(taken, dtype=np.uint8).reshape(shape)
    return Decoded(pixels, answer.full_width, answer.full_height)


_lock = threading.Lock()
_decoder: Decoder | None = None


def start() -> None:
    """Start this process's decoder ahead of its first photo; raises `DecoderUnusable`."""
    with _lock:
        _running()


def stop() -> None:
    """End this process's decoder; the next photo starts another."""
    global _decoder  # noqa: PLW0603  one decoder a process
    with _lock:
        if _decoder is not None:
            _decoder.close()
        _decoder = None


def decode_sized(raw: bytes, limits: "Limits", *, longest: int) -> Decoded:
    """Return the photo, upright and scaled down so that no side is over `longest` pixels.

    Raises `Undecodable`, and `DecoderUnusable` where no decoder can be started.
    """
    global _decoder  # noqa: PLW0603  one decoder a process
    if not raw:
        raise Undecodable(Reason.EMPTY)
    if len(raw) > limits.max_bytes:
        raise Undecodable(Reason.TOO_MANY_BYTES)
    request = Request(
        longest=longest,
        max_pixels=limits.max_pixels,
        min_side=limits.min_side,
        refuse_frames=limits.animations == "withhold",
        max_seconds=limits.max_seconds,
        max_memory_mb=limits.max_memory_mb,
        size=len(raw),
    )
    with _lock:
        decoder = _running()
        try:
            return decoder.decode(raw, request)
        except Undecodable:
            raise
        except BaseException as fault:
            # Even an interrupt: the next photo must not be given this one's answer.
            decoder.kill()
            _decoder = None
            if isinstance(fault, Nonsense):
                raise Undecodable(Reason.TOO_COSTLY) from None
            raise


def decode(raw: bytes, limits: "Limits", *, longest: int) -> NDArray[np.uint8]:
    """Return the pixels alone: a fresh (h, w, 3) uint8 RGB array. As `decode_sized` otherwise."""
    return decode_sized(raw, limits, longest=longest).pixels


def _running() -> Decoder:
    global _decoder  # noqa: PLW0603  one decoder a process
    if _decoder is not None and not _decoder.alive:
        _decoder.close()
        _decoder = None
    if _decoder is None:
        _decoder = Decoder()
    return _decoder


def _forked() -> None:
    """Forget the decoder in a forked copy of this process: two must not talk to one."""
    global _decoder, _lock  # noqa: PLW0603  one decoder a process
    _lock = threading.Lock()
    if _decoder is not None:
        _decoder.disown()
    _decoder = None


os.register_at_fork(after_in_child=_forked)
atexit.register(stop)
