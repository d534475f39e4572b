"""How a release gets from noise to its place: staged, logged, then renamed, each step synced.

A run that is killed leaves one of three things, and the next run with the same output directory
finds out which from the log:

- staged files of a run whose release is not in the log: removed; what was reserved stays spent;
- staged files of a release that is in the log: it was paid for, so it is put in place;
- the release in its place: done.
"""

import fcntl
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path

from audit import PROOF_NAME as PROOF
from audit import OutputDiffers
from engine.durable import sync_directory, write_new
from engine.errors import OutputTaken, OutputUnwritable
from policies.canonical import digest_of_bytes


class OutputPlace:
    """The directory that a release is published into, and the staging places beside it."""

    def __init__(self, out: Path) -> None:
        self.out = out.absolute()
        if not self.out.name:
            raise OutputTaken("--out is not a new directory", hint="Give a new directory.")

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Keep other runs out of this place; raise `OutputTaken` while one is at it."""
        try:
            self.out.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._beside("lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            raise _unwritable() from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # A lock on a file that its last holder has just removed keeps nobody out.
            if os.fstat(handle).st_nlink == 0:
                raise BlockingIOError
        except OSError:
            os.close(handle)
            raise OutputTaken(
                "another run is writing to this output directory",
                hint="Wait for it, or give another --out.",
            ) from None
        try:
            yield
        finally:
            self._beside("lock").unlink(missing_ok=True)
            os.close(handle)

    def is_empty(self) -> bool:
        """Say whether nothing is there yet; raise `OutputTaken` for something that is no release.

        An empty directory counts as nothing.
        """
        if not self.out.exists() and not self.out.is_symlink():
            return True
        if not self.out.is_dir() or self.out.is_symlink():
            raise OutputTaken("--out is not a directory", hint="Give a new directory.")
        names = {entry.name for entry in self.out.iterdir()}
        if names and PROOF not in names:
            raise OutputTaken(
                "the output directory holds something that is not a release",
                hint="Give a new directory; nothing was changed.",
            )
        return not names

    def staging(self, run: str) -> Path:
        """Return where the run's files are prepared."""
        return self._beside(f"staged-{run}")

    def stage(self, run: str) -> Path:
        """Make the staging place of a run, closed to others, and return it."""
        staged = self.staging(run)
        try:
            staged.mkdir(mode=0o700)
        except OSError:
            raise _unwritable() from None
        return staged

    def staged_runs(self) -> tuple[str, ...]:
        """Return the runs that left something staged here."""
        prefix = self._beside("staged-").name
        if not self.out.parent.is_dir():
            return ()
        return tuple(
            entry.name.removeprefix(prefix)
            for entry in sorted(self.out.parent.iterdir())
            if entry.name.startswith(prefix) and entry.is_dir() and not entry.is_symlink()
        )

    def discard(self, run: str) -> None:
        """Remove what a run left staged."""
        shutil.rmtree(self.staging(run), ignore_errors=True)

    def require_staged(self, run: str, outputs: Mapping[str, str]) -> None:
        """Raise `OutputDiffers` unless exactly these files (name to digest) are staged."""
        staged = self.staging(run)
        names = {entry.name for entry in staged.iterdir()} - {PROOF}
        if names != set(outputs) or any(
            digest_of_bytes((staged / name).read_bytes()) != outputs[name] for name in names
        ):
            raise OutputDiffers(
                "what a killed run left staged is not what the log records",
                hint="It was changed since; the release can't be put in place.",
            )

    def publish(self, run: str, proof: bytes, day: date) -> None:
        """Put the staged files and the proof in place in one step."""
        staged = self.staging(run)
        try:
            # One may be there from a run that was killed right here.
            (staged / PROOF).unlink(missing_ok=True)
            write_new(staged / PROOF, proof)
            # The files' times would tell how long the run took.
            stamp = datetime.combine(day, time(), UTC).timestamp()
            for file in staged.iterdir():
                os.utime(file, (stamp, stamp))
            staged.chmod(0o755)
            if self.out.is_dir():
                self.out.rmdir()
            staged.rename(self.out)
            os.utime(self.out, (stamp, stamp))
            sync_directory(self.out.parent)
        except OSError:
            raise _unwritable() from None

    def _beside(self, suffix: str) -> Path:
        return self.out.with_name(f".{self.out.name}.{suffix}")


def _unwritable() -> OutputUnwritable:
    return OutputUnwritable(
        "the output directory can't be written",
        hint="Check its permissions and the free space, then run the same command again.",
    )
