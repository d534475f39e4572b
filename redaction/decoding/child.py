"""The decoder: a small process that forks one process a photo.

It holds no photo itself, and what a photo's process does to its own memory ends with it, so that
a hostile file costs nothing but itself. Every module that decoding needs is loaded here, once:
afterwards no file can be opened.
"""

import gc
import os
import select
import signal
import socket
import sys
from typing import Final, NoReturn

from PIL import Image

from redaction.decoding.confinement import confine, settle
from redaction.decoding.outcome import Undecodable
from redaction.decoding.picture import read_picture
from redaction.decoding.wire import PIXELS, READY, Answer, End, Request, receive_bytes
from redaction.types.photo import Reason

_BAND: Final = 32
"""Rows that are sent at once."""


def serve() -> None:
    """Answer requests until the worker is gone. Standard input is the link to it."""
    control = socket.socket(fileno=0)
    settle()
    gc.collect()
    gc.freeze()
    control.sendall(READY)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 1, 1)
        if not message or len(descriptors) != 1:
            return
        link = socket.socket(fileno=descriptors[0])
        process = os.fork()
        if process == 0:
            control.close()
            _one_photo(link)
        link.close()
        control.sendall(_end_of(process, control).pack())


def _end_of(process: int, control: socket.socket) -> End:
    if hasattr(os, "pidfd_open"):
        watch = os.pidfd_open(process)
        waiting = select.poll()
        waiting.register(watch, select.POLLIN)
        waiting.register(control, select.POLLIN)
        # The worker says nothing while a photo is decoded: what comes is that it has gone.
        if any(descriptor != watch for descriptor, _ in waiting.poll()):
            os.kill(process, signal.SIGKILL)
        os.close(watch)
    _, status, cost = os.wait4(process, 0)
    unit = 1024 if sys.platform == "darwin" else 1  # bytes there, KiB elsewhere
    return End(status == 0, cost.ru_maxrss // unit, cost.ru_utime + cost.ru_stime)


def _one_photo(link: socket.socket) -> NoReturn:
    failed = 1
    try:
        gc.disable()
        request = Request.receive(link)
        # INVARIANT: not a byte of the photo is read before this.
        confine(request.max_seconds, request.max_memory_mb)
        answer, image = _decode(request, receive_bytes(link, request.size))
        link.sendall(answer.pack())
        if image is not None:
            _send_pixels(link, image)
        failed = 0
    finally:
        # Never up the stack: that is the decoder's own loop.
        os._exit(failed)


def _decode(request: Request, raw: bytes) -> tuple[Answer, Image.Image | None]:
    try:
        image, full_width, full_height = read_picture(raw, request)
        return Answer(PIXELS, *image.size, full_width, full_height), image
    except Undecodable as refusal:
        return Answer.of(refusal.reason), None
    except MemoryError:
        return Answer.of(Reason.TOO_COSTLY), None
    except Exception:
        # A decoder may raise anything for a broken file.
        return Answer.of(Reason.DAMAGED), None


def _send_pixels(link: socket.socket, image: Image.Image) -> None:
    # In bands: memory that this process touches for the first time costs more than the copying.
    width, height = image.size
    for y in range(0, height, _BAND):
        link.sendall(image.crop((0, y, width, min(y + _BAND, height))).tobytes())
