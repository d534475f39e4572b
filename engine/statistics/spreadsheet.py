"""CSV that is safe to open in a spreadsheet: no label is taken for a formula.

A cell that begins with =, +, - or @ is run by spreadsheets as a formula (OWASP, CSV injection).
Labels come from a policy, a catalogue or hashtags, and one of `-196` or `=cmd` may be among them:
such a text gets an apostrophe before it, and so does one that begins with an apostrophe, so that
reading takes exactly one away. Numbers are numbers and stay as they are.
"""

from typing import Final

import polars as pl

_BEGINS: Final = r"^[=+\-@'\t\r]"


def guarded(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table with an apostrophe before every text that a spreadsheet would run."""
    text = pl.col(pl.String)
    return table.with_columns(
        pl.when(text.str.contains(_BEGINS)).then(pl.lit("'") + text).otherwise(text).name.keep()
    )


def unguarded(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table as it was before `guarded`."""
    return table.with_columns(pl.col(pl.String).str.strip_prefix("'"))
