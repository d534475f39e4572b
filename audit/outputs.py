"""The files of a release, compared with the digests in the log."""

from collections.abc import Iterable
from pathlib import Path

from audit.bodies import OUTPUT_NAMES, Output, Release, outputs_of
from audit.durable import read_bytes
from audit.entries import Entry
from audit.errors import LogUnreadable, OutputDiffers
from policies.canonical import digest_of_bytes

PROOF_NAME = "release.tlog-proof"
"""The proof's name in a release's directory."""


def outputs_in(directory: Path) -> tuple[Output, ...]:
    """Return the release's files in a directory, with digests, in their one order."""
    found = {name: read_bytes(directory / name) for name in OUTPUT_NAMES}
    return outputs_of({n: digest_of_bytes(data) for n, data in found.items() if data is not None})


def strangers_in(directory: Path) -> tuple[str, ...]:
    """Return the names in a release's directory that are no file of a release, nor its proof."""
    try:
        found = {entry.name for entry in directory.iterdir()}
    except OSError as error:
        raise LogUnreadable("what lies in the release's directory can't be listed") from error
    return tuple(sorted(found - {*OUTPUT_NAMES, PROOF_NAME}))


def check_outputs(directory: Path, entries: Iterable[Entry]) -> Entry:
    """Return the release whose files are exactly the directory's; raises `OutputDiffers`.

    Exactly: none changed, none missing, none added under a release's file names.
    """
    outputs = outputs_in(directory)
    for entry in entries:
        if isinstance(entry.body, Release) and outputs and entry.body.outputs == outputs:
            return entry
    raise OutputDiffers(
        "the files given are not those of any recorded release",
        hint="A file was changed, is missing, or was added after the release.",
    )
