"""The drawing process: forks one process a picture, which is confined before it reads a byte.

What it promises is what redaction's decoder promises of photos (`redaction.decoding`): a picture
that crashes, hangs or takes too much costs itself and nothing else, and opens no file.
"""

import gc
import os
import socket
from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from engine.catalogue.flaws import (
    MAX_BYTES,
    MAX_MEMORY_MB,
    MAX_SECONDS,
    MIN_SIDE,
    Flaw,
    Unusable,
)
from engine.catalogue.raster import read_raster
from engine.catalogue.svg import draw_svg
from engine.catalogue.svg_rules import looks_like_svg
from engine.catalogue.wire import ANSWER, FLAWS, MOST_ANSWER, SIZE
from redaction.decoding.confinement import confine, settle
from redaction.decoding.wire import READY, Nonsense, receive

_LEAST_SPREAD: Final = 2.0
_SEEN: Final = 128


def serve() -> None:
    """Answer until the other side hangs up. Standard input is the link to it."""
    link = socket.socket(fileno=0)
    settle()
    gc.collect()
    gc.freeze()
    link.sendall(READY)
    while True:
        try:
            (size,) = SIZE.unpack(receive(link, SIZE.size))
            raw = bytes(receive(link, min(size, MAX_BYTES)))
        except Nonsense:
            return
        answer = _in_a_process(link, raw)
        link.sendall(SIZE.pack(len(answer)) + answer)


def _in_a_process(link: socket.socket, raw: bytes) -> bytes:
    """Return what a process of its own answers, or nothing where it did not end well."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        link.close()
        os.close(reading)
        _one_picture(writing, raw)
    os.close(writing)
    answer = bytearray()
    while len(answer) <= MOST_ANSWER and (piece := os.read(reading, 1 << 20)):
        answer += piece
    os.close(reading)
    _, status = os.waitpid(process, 0)
    return bytes(answer) if status == 0 and len(answer) <= MOST_ANSWER else b""


def _one_picture(writing: int, raw: bytes) -> NoReturn:
    failed = 1
    try:
        gc.disable()
        # INVARIANT: nothing looks into the file before this.
        confine(MAX_SECONDS, MAX_MEMORY_MB)
        answer = memoryview(_answer(raw))
        while answer:
            answer = answer[os.write(writing, answer) :]
        failed = 0
    finally:
        os._exit(failed)


def _answer(raw: bytes) -> bytes:
    try:
        pixels = draw_svg(raw) if looks_like_svg(raw) else read_raster(raw)
        _check_shows_something(pixels)
    except Unusable as unusable:
        return ANSWER.pack(1 + FLAWS.index(unusable.flaw), 0, 0, 0)
    except MemoryError:
        return ANSWER.pack(1 + FLAWS.index(Flaw.TOO_COSTLY), 0, 0, 0)
    except Exception:
        # A decoder may raise anything for a broken file.
        return ANSWER.pack(1 + FLAWS.index(Flaw.DAMAGED), 0, 0, 0)
    return ANSWER.pack(0, *pixels.shape) + pixels.tobytes()


def _check_shows_something(pixels: NDArray[np.uint8]) -> None:
    # INVARIANT: nothing smaller goes on, whatever path it came by.
    if min(pixels.shape[:2]) < MIN_SIDE:
        raise Unusable(Flaw.TINY)
    shown = pixels[..., :3].reshape(-1, 3)
    if pixels.shape[2] == 4:
        opacity = pixels[..., 3]
        if opacity.max() < _SEEN:
            raise Unusable(Flaw.TRANSPARENT)
        if opacity.min() < _SEEN:
            return  # it has an outline, if no more
        shown = shown[opacity.reshape(-1) >= _SEEN]
    if shown.astype(np.float32).std(0).max() < _LEAST_SPREAD:
        raise Unusable(Flaw.BLANK)
