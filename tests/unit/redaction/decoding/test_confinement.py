"""What the process of a photo may still do, tried out by code that runs in one."""

import json
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from redaction.decoding import process
from redaction.decoding.confinement import filtered

ATTEMPTS = {
    "read a file": "open('/etc/hostname').read()",
    "write a file": "open(TARGET, 'w')",
    "remove a file": "os.unlink(VICTIM)",
    "list a folder": "os.listdir('/')",
    "open a network socket": "socket.socket()",
    "open a local socket": "socket.socketpair()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "start a process": "os._exit(0) if os.fork() == 0 else None",
    "kill its parent": "os.kill(os.getppid(), 0)",
    "see its parent": "check(libc.getppid())",
    "lift a limit": "resource.setrlimit(resource.RLIMIT_CPU, (99, 99))",
    "disarm the clock": "signal.setitimer(signal.ITIMER_REAL, 0)",
    "ignore the clock": "signal.signal(signal.SIGALRM, signal.SIG_IGN)",
    "load a program into memory": "mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)",
    "look into another process": "check(libc.process_vm_readv(os.getpid(), 0, 0, 0, 0, 0))",
    "trace": "check(libc.ptrace(0, 0, 0, 0))",
}
HARMLESS = {
    "compute": "sum(range(1000))",
    "take memory": "bytearray(1 << 24)",
    "say something": "os.write(2, b'')",
    "tell the time": "time.monotonic()",
    "decode in a thread": "started()",
}
PROGRAM = """
import ctypes, json, mmap, os, resource, signal, socket, sys, threading, time
from redaction.decoding.confinement import confine, settle
libc = ctypes.CDLL(None, use_errno=True)
libc.process_vm_readv, libc.ptrace
ATTEMPTS, TARGET, VICTIM = json.loads(sys.argv.pop())
def check(result):
    if result == -1:
        raise OSError(ctypes.get_errno(), "")
def started():
    thread = threading.Thread(target=time.monotonic)
    thread.start()
    thread.join()
settle()
confine(5, 512)
outcome = {}
for name, code in ATTEMPTS.items():
    try:
        exec(code)
        outcome[name] = "done"
    except (OSError, ValueError):
        outcome[name] = "refused"
os.write(1, json.dumps(outcome).encode())
os._exit(0)
"""


def outcomes(attempts: dict[str, str], tmp_path: Path) -> dict[str, str]:
    (tmp_path / "victim").write_text("here")
    given = json.dumps([attempts, str(tmp_path / "target"), str(tmp_path / "victim")])
    done = subprocess.run(
        [*process.command(process.BARE + textwrap.dedent(PROGRAM)), given],
        capture_output=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    result: dict[str, str] = json.loads(done.stdout)
    return result


@pytest.mark.skipif(not filtered(), reason="no system-call filter for this machine")
def test_it_may_do_nothing_but_compute_and_answer(tmp_path: Path) -> None:
    assert outcomes(ATTEMPTS, tmp_path) == dict.fromkeys(ATTEMPTS, "refused")
    assert (tmp_path / "victim").exists()
    assert not (tmp_path / "target").exists()
    assert outcomes(HARMLESS, tmp_path) == dict.fromkeys(HARMLESS, "done")


def test_limits_alone_keep_it_from_files_and_the_network(tmp_path: Path) -> None:
    """As on a machine for which there is no list of system calls."""
    alone = {n: ATTEMPTS[n] for n in ("read a file", "write a file", "open a network socket")}
    program = PROGRAM.replace("settle()\n", "confinement._CALLS = None\nsettle()\n").replace(
        "from redaction.decoding.confinement",
        "from redaction.decoding import confinement\nfrom redaction.decoding.confinement",
    )
    given = json.dumps([alone, str(tmp_path / "target"), ""])
    done = subprocess.run(
        [*process.command(process.BARE + program), given],
        capture_output=True,
        timeout=60,
        check=True,
        stdin=subprocess.DEVNULL,
    )
    assert json.loads(done.stdout) == dict.fromkeys(alone, "refused")


@pytest.mark.parametrize(
    ("code", "ended_by"),
    [("while True: pass", signal.SIGPROF), ("os.read(0, 1)", signal.SIGALRM)],
)
def test_its_time_ends_whether_it_works_or_waits(code: str, ended_by: signal.Signals) -> None:
    program = "import os\nfrom redaction.decoding.confinement import confine, settle\n"
    with subprocess.Popen(
        process.command(f"{process.BARE}{program}settle()\nconfine(0.2, 512)\n{code}"),
        stdin=subprocess.PIPE,
    ) as running:
        assert running.wait(30) == -ended_by


def test_its_memory_ends() -> None:
    program = "from redaction.decoding.confinement import confine, settle\nsettle()\n"
    code = "confine(5, 256)\ntry:\n    bytearray(1 << 28)\nexcept MemoryError:\n    print('enough')"
    done = subprocess.run(
        process.command(process.BARE + program + code),
        stdout=subprocess.PIPE,
        timeout=30,
        check=True,
        text=True,
    )
    assert done.stdout == "enough\n"


def test_the_decoder_imports_no_nets() -> None:
    program = process.BARE + "import redaction.decoding.child\nprint(*sorted(sys.modules))"
    done = subprocess.run(
        process.command(program), stdout=subprocess.PIPE, timeout=60, check=True, text=True
    )
    loaded = {name.partition(".")[0] for name in done.stdout.split()}
    assert {"PIL", "numpy", "pi_heif"} <= loaded
    assert not loaded & {"torch", "onnxruntime", "cv2", "rapidocr", "pydantic", "policies", "yaml"}
    assert sys.modules["redaction"].__file__ is not None


def test_whether_the_filter_holds_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    assert process.filter_holds() is filtered()
    # A process in which nothing is confined, or that does not come up.
    for program in ("import os; os._exit(os.getppid() > 0)", "raise SystemExit(3)"):
        monkeypatch.setattr(process, "_TRY", program)
        assert process.filter_holds() is False
