"""Real photos for development, which are no part of the repository: tests without them skip."""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).parents[2] / "shared" / "data"
"""Where they are looked for unless CROWDLENS_DEVELOPMENT_DATA names another directory."""


def development_data(*parts: str) -> Path:
    """Return a folder of the development data, or skip the test and say so."""
    root = Path(os.environ.get("CROWDLENS_DEVELOPMENT_DATA", BESIDE))
    folder = root.joinpath(*parts)
    if not folder.is_dir():
        pytest.skip(f"the development data are not here: {'/'.join(parts)}")
    return folder
