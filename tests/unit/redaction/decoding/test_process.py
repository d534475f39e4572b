"""The worker's side: it believes nothing, loses one photo at most, and leaves no process behind."""

import multiprocessing
import os
import signal
import socket
import struct
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from redaction.decoding import Undecodable, decode, process, start, stop
from redaction.decoding.wire import Answer, Nonsense, Request, receive, working_size
from redaction.errors import DecoderUnusable
from redaction.rules import Limits
from redaction.types.photo import Reason

ROOT = Path(__file__).parents[4]
REQUEST = Request(100, 1_000_000, 16, False, 2.0, 512, 1)


def decoder_pid() -> int:
    start()
    assert process._decoder is not None
    return process._decoder._process.pid


def answered(raw: bytes) -> Answer:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(raw)
        theirs.shutdown(socket.SHUT_WR)
        return Answer.receive(ours, REQUEST, time.monotonic() + 5)


def test_an_answer_that_fits_is_taken() -> None:
    fits = Answer(0, 100, 50, 200, 100)
    assert answered(fits.pack()) == fits
    assert answered(Answer.of(Reason.DAMAGED).pack()).reason is Reason.DAMAGED


@pytest.mark.parametrize(
    "lie",
    [
        Answer(0, 100, 50, 0, 0),
        Answer(0, 100, 50, 200, 0),
        Answer(0, 100, 51, 200, 100),
        Answer(0, 200, 100, 200, 100),
        Answer(0, 100_000, 100_000, 100_000, 100_000),
        Answer(0, 100, 100, 4_000_000_000, 4_000_000_000),
        Answer(0, 100, 2, 10_000, 99),
        Answer(0, 0, 0, 100, 100),
        Answer(200),
        Answer(len(Reason) + 1),
    ],
)
def test_an_answer_that_can_not_be_is_refused(lie: Answer) -> None:
    with pytest.raises(Nonsense):
        answered(lie.pack())


@pytest.mark.parametrize("size", range(0, struct.calcsize(">BIIII"), 4))
def test_an_answer_that_breaks_off_is_refused(size: int) -> None:
    with pytest.raises(Nonsense):
        answered(Answer(0, 100, 50, 200, 100).pack()[:size])


def test_nobody_waits_for_ever() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(Nonsense):
        receive(ours, 1, time.monotonic() + 0.05)


@pytest.mark.parametrize(
    ("size", "longest", "expected"),
    [((200, 100), 100, (100, 50)), ((50, 20), 100, (50, 20)), ((3000, 1), 100, (100, 0))],
)
def test_the_working_size(size, longest, expected) -> None:
    assert working_size(*size, longest) == expected


LIARS = {
    "dies at once": "sys.exit(1)",
    "says nothing and goes": "control.close(); sys.exit(0)",
    "answers pixels that nobody asked for": (
        "link.sendall(struct.pack('>BIIII', 0, 9, 9, 9, 9) + bytes(10)); link.close();"
        "control.sendall(struct.pack('>?Id', 1, 0, 0))"
    ),
    "promises more than it gives": (
        "link.sendall(struct.pack('>BIIII', 0, 80, 64, 80, 64) + bytes(10)); link.close();"
        "control.sendall(struct.pack('>?Id', 1, 0, 0))"
    ),
    "gives all, but did not end well": (
        "link.sendall(struct.pack('>BIIII', 0, 80, 64, 80, 64) + bytes(80 * 64 * 3));"
        "link.close(); control.sendall(struct.pack('>?Id', 0, 0, 0))"
    ),
    "says something else at the end": (
        "link.sendall(struct.pack('>BIIII', 0, 80, 64, 80, 64) + bytes(80 * 64 * 3));"
        "link.close(); control.sendall(b'?' * 13)"
    ),
    "hangs": "time.sleep(60)",
    "trickles": "[(link.sendall(b'\\0'), time.sleep(0.3)) for _ in range(100)]",
}


@pytest.mark.parametrize("lie", list(LIARS))
def test_a_decoder_that_was_taken_over_costs_one_photo(
    encoded, noise, monkeypatch: pytest.MonkeyPatch, lie: str
) -> None:
    """A decoder under an attacker's control, who may answer whatever he likes."""
    raw = encoded(Image.fromarray(noise))
    hostile = f"""
        import socket, struct, sys, time
        control = socket.socket(fileno=0)
        control.sendall(b"+")
        _, ends, _, _ = socket.recv_fds(control, 1, 1)
        link = socket.socket(fileno=ends[0])
        link.recv(1 << 20)
        {LIARS[lie]}
        control.recv(1)
    """
    stop()
    with monkeypatch.context() as patched:
        patched.setattr(process, "_BEGIN", process.BARE + textwrap.dedent(hostile))
        patched.setattr(process, "GRACE", 0.2)
        patched.setattr(process, "PATIENCE", 1)
        begin = time.monotonic()
        with pytest.raises(Undecodable) as caught:
            decode(raw, Limits(max_seconds=0.5), longest=1600)
    assert caught.value.reason is Reason.TOO_COSTLY
    assert time.monotonic() - begin < 5
    if process._decoder is not None:
        stop()
    assert np.array_equal(decode(raw, Limits(), longest=1600), noise)


def test_an_interrupt_does_not_give_one_photo_the_other_ones_pixels(
    encoded, noise, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    first, second = encoded(Image.fromarray(noise)), encoded(Image.fromarray(noise[::-1]))
    with monkeypatch.context() as patched:
        patched.setattr(Answer, "receive", interrupted)
        with pytest.raises(KeyboardInterrupt):
            decode(first, Limits(), longest=1600)
    assert np.array_equal(decode(second, Limits(), longest=1600), noise[::-1])


def test_a_decoder_that_can_not_start_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    stop()
    with monkeypatch.context() as patched:
        patched.setattr(process, "_BEGIN", "raise SystemExit(1)")
        with pytest.raises(DecoderUnusable) as caught:
            start()
        assert caught.value.hint
        patched.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(DecoderUnusable):
            start()


def test_a_killed_decoder_is_replaced(encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise))
    first = decoder_pid()
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 5
    while process._decoder is not None and process._decoder.alive:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert np.array_equal(decode(raw, Limits(), longest=1600), noise)
    assert decoder_pid() != first


def test_one_decoder_serves_many_photos_in_processes_of_their_own(encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise))
    first = decoder_pid()
    before = _resident(first)
    for _ in range(60):
        decode(raw, Limits(), longest=1600)
    assert decoder_pid() == first
    assert _resident(first) < before + 4_000_000, "the decoder itself never holds a photo"
    assert not _children(first), "each photo's process is gone"


def test_the_decoder_is_small_and_knows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    stop()
    monkeypatch.setenv("CROWDLENS_TEST_SECRET", "zq-secret")
    pid = decoder_pid()
    assert b"zq-secret" not in Path(f"/proc/{pid}/environ").read_bytes()
    mapped = Path(f"/proc/{pid}/maps").read_text()
    for heavy in ("torch", "onnxruntime", "cv2", "pydantic"):
        assert heavy not in mapped
    assert _resident(pid) < 80_000_000
    opened = {os.readlink(f) for f in Path(f"/proc/{pid}/fd").iterdir()}
    assert {name.partition(":")[0] for name in opened} <= {"socket", "/dev/null"}


def test_threads_take_turns(encoded, noise) -> None:
    pictures = [np.roll(noise, step, axis=0) for step in range(4)]
    wrong: list[int] = []

    def work(index: int) -> None:
        raw = encoded(Image.fromarray(pictures[index]))
        for _ in range(5):
            if not np.array_equal(decode(raw, Limits(), longest=1600), pictures[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


PARENT = """
import io, os, sys, time
from PIL import Image
from redaction.decoding import process, decode, start
from types import SimpleNamespace
start()
print(process._decoder._process.pid, flush=True)
if sys.argv[-1] == "fork":
    child = os.fork()
    if child == 0:
        start()
        print(process._decoder._process.pid, flush=True)
        sys.exit(0)
    os.waitpid(child, 0)
if sys.argv[-1] != "leave":
    time.sleep(60)
"""


def _parent(how: str) -> subprocess.Popen[str]:
    program = process.BARE + PARENT
    return subprocess.Popen(
        [*process.command(program), how], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _expect_gone(pid: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return
        if state == "Z":
            return
        assert time.monotonic() < deadline, "the decoder outlives its worker"
        time.sleep(0.05)


@pytest.mark.parametrize("how", ["leave", "killed"])
def test_a_worker_takes_its_decoder_along(how: str) -> None:
    parent = _parent(how)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    if how == "killed":
        parent.kill()
    _, said = parent.communicate(timeout=30)
    _expect_gone(pid)
    assert said == ""


def test_a_forked_worker_starts_its_own() -> None:
    parent = _parent("fork")
    assert parent.stdout is not None
    first, second = int(parent.stdout.readline()), int(parent.stdout.readline())
    assert first != second
    _expect_gone(second)
    assert Path(f"/proc/{first}").exists(), "the first one still serves the first worker"
    parent.kill()
    parent.communicate(timeout=30)
    _expect_gone(first)


def _spawned(raw: bytes) -> tuple[int, int]:
    return decode(raw, Limits(), longest=1600).shape[0], decoder_pid()


def test_spawned_workers_have_their_own(encoded, noise) -> None:
    raw = encoded(Image.fromarray(noise))
    mine = decoder_pid()
    with multiprocessing.get_context("fork").Pool(1) as pool:
        height, other = pool.apply(_spawned, (raw,))
    assert height == 64
    assert other != mine
    _expect_gone(other)
    assert decoder_pid() == mine


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
