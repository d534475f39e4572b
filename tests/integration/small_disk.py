"""Run a study on a disk with little space, or none that may be written; on a disk of its own.

Usage: unshare --user --map-root-user --mount python small_disk.py ROOT WHERE PAGE...
ROOT holds `start`, a place, and `none`, its photos. For each PAGE, a number of free pages of 4 KiB
or `ro` for a disk that is read-only, prints a line of JSON: how the run ended, how the log verifies
then, and both again after the disk has space. WHERE is `site` for a disk under everything but the
witness, or `witness` for one under the witness's folder alone.
"""

import json
import os
import shutil
import sys
from pathlib import Path

from tests.integration.own_disk import call, fill, mount

root, where, kinds = Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
disk = root / "disk"
place = disk / "site"


def main() -> None:
    """Try every kind of disk."""
    import engine.cli.main  # loaded once; every run is a fork of this process

    disk.mkdir()
    for kind in kinds:
        small = disk if where == "site" else place / "witness"
        if where == "site":
            mount(disk)
        shutil.copytree(root / "start", place, dirs_exist_ok=True)
        # The witness has a disk of its own, or none that is small.
        witness = root / f"witness-{kind}"
        shutil.move(place / "witness", witness)
        if where == "witness":
            (place / "witness").mkdir()
            mount(small)
            shutil.copytree(witness, small, dirs_exist_ok=True)
        else:
            (place / "witness").symlink_to(witness)
        ballast = small / "ballast"
        fill(ballast, 0 if kind == "ro" else int(kind))
        if kind == "ro":
            call("mount", "-o", "remount,ro", str(small))
        stopped, verified = run(engine.cli.main.main), verify(engine.cli.main.main)
        drawn = (disk / "release").exists()
        if kind == "ro":
            call("mount", "-o", "remount,rw", str(small))
        ballast.unlink()
        again = 0 if drawn else run(engine.cli.main.main)
        after = verify(engine.cli.main.main, "--release", str(disk / "release"))
        left = sorted(file.name for file in disk.iterdir())
        sys.stdout.write(json.dumps([kind, stopped, verified, drawn, again, after, left]) + "\n")
        sys.stdout.flush()
        call("umount", str(small))
        for made in disk.iterdir():
            shutil.rmtree(made)


def run(command: object) -> int:
    """Run the study; return the exit code."""
    words = ["run", str(place / "study.yaml"), "--photos", str(root / "none"), "--quiet"]
    words += ["--log", str(place / "log"), "--out", str(disk / "release"), "--workers", "1"]
    return forked(command, words)


def verify(command: object, *more: str) -> int:
    """Verify the log; return the exit code."""
    return forked(command, ["audit", "verify", "--log", str(place / "log"), *more])


def forked(command: object, words: list[str]) -> int:
    """Run a command line in a fork of this process; return its exit code."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    code = 1
    try:
        out = os.open(root / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(out, 1)
        os.dup2(out, 2)
        sys.argv = ["crowdlens", *words]
        command()  # type: ignore[operator]
        code = 0
    except SystemExit as left:
        code = int(left.code or 0)
    finally:
        os._exit(code)
    return code


if __name__ == "__main__":
    main()
