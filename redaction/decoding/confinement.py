"""What a process that decodes a photo may still do: compute, read its photo, answer, end.

Limits of POSIX `setrlimit`, and on Linux a system-call filter (seccomp(2), mode 2) with a list of
what is allowed. It opens no file, starts no process, connects nowhere, sees no other process, and
makes no memory executable. Where the kernel has no such filter the limits stand alone.
"""

import ctypes
import errno
import math
import platform
import resource
import signal
import struct
import sys
from typing import Final, NamedTuple

from redaction.decoding.wire import PATIENCE

# linux/prctl.h, linux/seccomp.h, linux/audit.h, linux/filter.h
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_MODE_FILTER: Final = 2
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT, _THIRD_ARGUMENT = 0, 4, 16, 32
_EXECUTABLE: Final = 0x4  # PROT_EXEC
_THREAD: Final = 0x10000  # CLONE_THREAD


class _Calls(NamedTuple):
    """Numbers of one machine's system calls."""

    architecture: int
    harmless: tuple[int, ...]
    """read, write, close, lseek, munmap, brk, mremap, madvise, rt_sigprocmask, rt_sigreturn,
    sendto, recvfrom, futex, sched_yield, clock_gettime, getrandom, getpid, gettid, rseq,
    set_robust_list, exit, exit_group."""
    mapping: tuple[int, ...]
    """mmap, mprotect: for memory that is not executable."""
    clone: int
    """For a thread, which libde265 decodes in; never for a process."""
    clone3: int
    """Its flags can't be seen from a filter: said not to exist, so that clone is used."""


_X86_64: Final = _Calls(
    0xC000003E,
    harmless=(
        *(0, 1, 3, 8, 11, 12, 25, 28, 14, 15),
        *(44, 45, 202, 24, 228, 318, 39, 186, 334, 273, 60, 231),
    ),
    mapping=(9, 10),
    clone=56,
    clone3=435,
)
_AARCH64: Final = _Calls(
    0xC00000B7,
    harmless=(
        *(63, 64, 57, 62, 215, 214, 216, 233, 135, 139),
        *(206, 207, 98, 124, 113, 278, 172, 178, 293, 99, 93, 94),
    ),
    mapping=(222, 226),
    clone=220,
    clone3=435,
)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


_LINUX: Final = sys.platform == "linux"
_CALLS: Final = {"x86_64": _X86_64, "aarch64": _AARCH64}.get(platform.machine()) if _LINUX else None
# Looked up before the limits: afterwards nothing can be opened.
_libc = ctypes.CDLL(None, use_errno=True) if _LINUX else None


def settle() -> None:
    """Confine the decoder itself, which never reads a photo: no cores, no files, no privileges."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, 0)
    _lower(resource.RLIMIT_NOFILE, 16)
    # The worker may have held signals back, which is inherited.
    signal.pthread_sigmask(signal.SIG_SETMASK, set())
    if _libc is not None:
        _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def confine(seconds: float, memory_mb: int) -> None:
    """Confine the process of one photo, for good, before it reads a byte of it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # By processor time, so that a photo's fate does not hang on what else the machine does, other
    # contributors' photos for instance. The clock is for what waits for ever.
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * PATIENCE)
    _lower(resource.RLIMIT_CPU, math.ceil(seconds))
    _lower(resource.RLIMIT_AS, memory_mb << 20)
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    _lower(resource.RLIMIT_NOFILE, 0)
    if _libc is not None and _CALLS is not None:
        code = _filter(_CALLS)
        program = _Program(len(code) // 8, code)
        _libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0)


def filtered() -> bool:
    """Say whether there is a system-call filter for this machine, besides the limits."""
    return _CALLS is not None


def _filter(calls: _Calls) -> bytes:
    """Assemble the filter (classic BPF): what is not listed fails with EPERM."""
    deny = (_RETURN, 0, 0, _ERROR | errno.EPERM)
    head = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 1, 0, calls.architecture),
        deny,
        (_LOAD, 0, 0, _NUMBER),
    ]
    tail = [
        deny,  # where the list ends
        (_RETURN, 0, 0, _ERROR | errno.ENOSYS),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_ANY_BIT, 3, 2, _THREAD),
        (_LOAD, 0, 0, _THIRD_ARGUMENT),
        (_ANY_BIT, 0, 1, _EXECUTABLE),
        deny,
        (_RETURN, 0, 0, _ALLOW),
    ]
    targets = [(calls.clone3, 1), (calls.clone, 2)]
    targets += [(number, 4) for number in calls.mapping]
    targets += [(number, 7) for number in calls.harmless]
    body = [
        (_EQUAL, len(targets) - index - 1 + target, 0, number)
        for index, (number, target) in enumerate(targets)
    ]
    return b"".join(struct.pack("<HBBI", *one) for one in (*head, *body, *tail))


def _lower(limit: int, value: int) -> None:
    _, hard = resource.getrlimit(limit)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(limit, (value, value))
