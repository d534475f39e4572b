"""Tests of Crowdlens."""

import engine  # noqa: F401  before polars, which some tests import first
