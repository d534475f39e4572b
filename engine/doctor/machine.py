"""The machine: Python, models, confinement, disk, memory that gets to the disk, and the clock."""

import platform
import shutil
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Final

from engine.doctor.finding import Finding, advised, judged

_ROOM: Final = 200_000_000
_SWAPS: Final = Path("/proc/swaps")
_SYNCED: Final = Path("/run/systemd/timesync/synchronized")


def machine(place: Path) -> Iterator[Finding]:
    """Yield what holds whatever is studied; `place` is where files will be written."""
    yield judged(
        "python",
        well=sys.version_info >= (3, 11),
        fine=platform.python_version(),
        wrong=f"{platform.python_version()} is too old",
        fix="Install Python 3.11 or newer, and Crowdlens in it.",
    )
    yield from models_present()
    yield from short_numbers()
    yield confinement()
    free = shutil.disk_usage(place).free
    yield judged(
        "disk",
        well=free > _ROOM,
        fine=f"{free // 1_000_000} MB free",
        wrong=f"{free // 1_000_000} MB free, and a run may need {_ROOM // 1_000_000}",
        fix="Make room, or put log and outputs on another volume.",
    )
    yield from memory_on_disk()


def models_present() -> Iterator[Finding]:
    """Yield each model with its digest, or what is wrong with the first that can't be loaded."""
    from engine.recognition.errors import RecognitionError  # noqa: PLC0415
    from engine.recognition.nets import load  # noqa: PLC0415
    from engine.recognition.weights import LITE0  # noqa: PLC0415
    from engine.recognition.weights.objects import OBJECTS  # noqa: PLC0415
    from engine.recognition.weights.regions import EMBEDDER  # noqa: PLC0415
    from redaction import models, warm_up  # noqa: PLC0415  loads the models
    from redaction.errors import RedactionError  # noqa: PLC0415

    try:
        warm_up()
        for model in models():
            yield Finding("model " + model.name, "fine", model.digest)
        for net in (LITE0, EMBEDDER, OBJECTS):
            load(net)
            yield Finding("model " + net.file.name, "fine", net.digest)
    except (RedactionError, RecognitionError) as error:
        again = "Install Crowdlens again, from where you trust: it brings its models along."
        yield Finding("models", "problem", str(error), error.hint or again)


def short_numbers() -> Iterator[Finding]:
    """Yield that some nets run in bfloat16, where they do."""
    from redaction.nets import has_short_numbers  # noqa: PLC0415

    if has_short_numbers():
        yield Finding("bfloat16", "fine", "text, objects and marks are found in it, by OpenVINO")


def confinement() -> Finding:
    """Say whether the kernel keeps a decoder from everything but its photo."""
    from redaction.decoding.process import filter_holds  # noqa: PLC0415

    name = "decoder's confinement"
    if filter_holds():
        return Finding(name, "fine", "the kernel keeps a decoder from files, sockets and programs")
    return Finding(
        name,
        "not checked",
        "this kernel takes no filter: limits alone hold a decoder",
        "Run on Linux with seccomp where photos come from strangers.",
    )


def memory_on_disk() -> Iterator[Finding]:
    """Yield whether memory, which holds sightings and keys, may get to the disk by itself."""
    try:
        import resource  # noqa: PLC0415  there is none on Windows
    except ImportError:
        return
    soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
    yield advised(
        "core dumps",
        well=soft == 0,
        fine="off",
        better="a process that crashes may write its memory to the disk",
        fix="ulimit -c 0, in the shell that starts runs.",
    )
    if _SWAPS.is_file():
        yield advised(
            "swap",
            well=len(_SWAPS.read_text(encoding="utf-8").splitlines()) < 2,
            fine="off",
            better="keys and sightings in memory may be written to the disk",
            fix="swapoff -a for the time of a run, or encrypt the swap.",
        )


def clock(today: date, last: date | None) -> Finding:
    """Hold the clock against the last day that the log knows, and say who sets it."""
    if last is not None and today < last:
        return Finding(
            "clock",
            "problem",
            f"it says {today}, and the log has an entry of {last}",
            "Set the clock; let a time service keep it (systemd-timesyncd, chrony).",
        )
    if _SYNCED.exists():
        return Finding("clock", "fine", f"it says {today} (UTC), and a time service keeps it")
    return Finding(
        "clock",
        "not checked",
        f"it says {today} (UTC), and no time service is known to keep it",
        "Compare it: a policy's period and the log's days go by it.",
    )
