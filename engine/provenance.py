"""Which code ran: a digest over the source files of the four packages."""

import hashlib
from functools import cache
from importlib import metadata, util
from pathlib import Path

PACKAGES = ("audit", "engine", "policies", "redaction")


def version() -> str:
    """Return the version of the installed distribution."""
    return metadata.version("crowdlens")


@cache
def source_digest() -> str:
    """Return `sha256:` and a digest over each Python file's name and bytes, sorted by name."""
    total = hashlib.sha256()
    for package in PACKAGES:
        spec = util.find_spec(package)
        assert spec is not None
        assert spec.origin is not None
        root = Path(spec.origin).parent
        for file in sorted(root.rglob("*.py")):
            name = f"{package}/{file.relative_to(root).as_posix()}"
            total.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return "sha256:" + total.hexdigest()
