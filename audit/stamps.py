"""Where a log's time stamps lie, and what they say of it.

Each is kept with the checkpoint that it stamps, since the log's own moves on:

    anchors/000012-1a2b3c4d.checkpoint   the stamped bytes: entries, and how their digest begins
    anchors/000012-1a2b3c4d.1.tsr        an authority's answer over them (RFC 3161)

They stand beside the log and prove themselves, so whoever can write there can add or remove some;
none that is there is believed before its authority's certificate and the log's key agree.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from audit.checkpoint import SignedCheckpoint
from audit.durable import create_file, read_bytes, writing
from audit.errors import LogCut, LogExists, LogUnreadable, TimestampInvalid
from audit.sealing import CHECKPOINT
from audit.timestamp import MAX_TOKEN_BYTES, TimeAuthority, imprint

DIRECTORY = "anchors"
_TOKEN = re.compile(r"([0-9]{6,15}-[0-9a-f]{8})\.[1-9][0-9]{0,3}\.tsr")
_MOST_TOKENS = 9999


@dataclass(frozen=True)
class KeptToken:
    """A time stamp as it is kept, not believed yet."""

    name: str
    """Of its file, without the ending."""
    head: Path
    """The file with the checkpoint that it is said to stamp."""
    token: bytes


@dataclass(frozen=True)
class TimeStamp:
    """A time stamp that was believed."""

    name: str
    size: int
    """How many entries existed."""
    before: datetime
    """UTC, whole seconds."""

    def words(self) -> str:
        """Return what it says as a sentence."""
        when = f"{self.before:%Y-%m-%d %H:%M:%S}"
        return f"the first {self.size} entries existed before {when} UTC"


def latest_day(stamp: TimeStamp) -> date:
    """Return the last date that an entry under it may bear: clocks differ around midnight."""
    return stamp.before.date() + timedelta(days=1)


def keep_head(log_dir: Path) -> bytes:
    """Keep a copy of the log's checkpoint to be stamped, and return its bytes.

    Raises `LogCut` where there is none, `NoteInvalid` where it does not parse, `LogUnwritable`.
    """
    data = read_bytes(log_dir / CHECKPOINT)
    if data is None:
        raise LogCut("the log's checkpoint is not there")
    _keep(_head_path(log_dir, data), data)
    return data


def add_token(
    log_dir: Path, token: bytes, authority: TimeAuthority, nonce: int | None = None
) -> tuple[TimeStamp, Path]:
    """Keep a token over a checkpoint that was kept, or over the log's newest.

    Returns what it says and its file. Raises `TimestampInvalid` where it does not verify or stamps
    no checkpoint that is here, and `LogExists` where this very token is kept already.
    """
    algorithm, digest = imprint(token)
    head = _stamped(log_dir, algorithm, digest)
    before = authority.time_of(token, head, nonce)
    kept = _head_path(log_dir, head)
    _keep(kept, head)
    for number in range(1, _MOST_TOKENS):
        path = kept.with_suffix(f".{number}.tsr")
        there = read_bytes(path)
        if there is None:
            create_file(path, token)
            size = SignedCheckpoint.parse(head).checkpoint.size
            return TimeStamp(path.stem, size, before), path
        if there == token:
            raise LogExists("this time stamp is kept already")
    raise LogExists("more time stamps are kept over one checkpoint than anybody needs")


def kept_tokens(log_dir: Path) -> tuple[KeptToken, ...]:
    """Return the tokens beside a log, those over fewer entries first.

    Raises `LogUnreadable` where they can't be read.
    """
    directory = log_dir / DIRECTORY
    try:
        names = sorted(path.name for path in directory.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise LogUnreadable("the time stamps beside the log can't be read") from error
    found = []
    for name in names:
        match = _TOKEN.fullmatch(name)
        if match is not None:
            token = read_bytes(directory / name) or b""
            head = directory / f"{match[1]}.checkpoint"
            found.append(KeptToken(name.removesuffix(".tsr"), head, token[: MAX_TOKEN_BYTES + 1]))
    return tuple(found)


def _stamped(log_dir: Path, algorithm: str, digest: bytes) -> bytes:
    for path in [*sorted((log_dir / DIRECTORY).glob("*.checkpoint")), log_dir / CHECKPOINT]:
        data = read_bytes(path)
        if data is not None and hashlib.new(algorithm, data).digest() == digest:
            return data
    raise TimestampInvalid(
        "the time stamp is of no checkpoint that this log has kept",
        hint="Only what `audit timestamp request` was made of, or the newest, can be added.",
    )


def _keep(path: Path, data: bytes) -> None:
    with writing():
        path.parent.mkdir(mode=0o755, exist_ok=True)
    # The name says the content: what is there already is the same, or is not what it says.
    if read_bytes(path) != data:
        create_file(path, data)


def _head_path(log_dir: Path, data: bytes) -> Path:
    size = SignedCheckpoint.parse(data).checkpoint.size
    beginning = hashlib.sha256(data).hexdigest()[:8]
    return log_dir / DIRECTORY / f"{size:06}-{beginning}.checkpoint"
