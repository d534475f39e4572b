"""No label is run as a formula, and every label comes back as it was."""

import csv
import io

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.statistics.spreadsheet import guarded, unguarded

FORMULAS = ["=1+1", "+1", "-196", "@SUM(A1)", '=HYPERLINK("x")', "\t=1", "\r=1", "'=1", "'s"]


@pytest.mark.parametrize("label", FORMULAS)
def test_what_a_spreadsheet_would_run_begins_with_an_apostrophe(label: str) -> None:
    written = guarded(pl.DataFrame({"brand": [label], "value": [-3]})).write_csv()
    ((_, _), (brand, value)) = csv.reader(io.StringIO(written, newline=""))
    assert brand == "'" + label
    assert value == "-3"


def test_other_labels_stay_as_they_are() -> None:
    table = pl.DataFrame({"brand": ["Nike", "7-Up", "Zara, SA", "Müller", None]})
    assert guarded(table).equals(table)


@given(st.lists(st.one_of(st.none(), st.text(max_size=8), st.sampled_from(FORMULAS)), max_size=6))
def test_every_label_comes_back(labels: list[str | None]) -> None:
    table = pl.DataFrame({"brand": pl.Series(labels, dtype=pl.String)})
    assert unguarded(guarded(table)).equals(table)
    for label in guarded(table)["brand"].drop_nulls():
        assert not label.startswith(("=", "+", "-", "@", "\t", "\r"))
