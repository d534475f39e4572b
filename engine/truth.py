"""Truth files: what labelled test photos show, for `evaluate`. Never a study's data."""

import csv
from collections import defaultdict
from pathlib import Path

from engine.sources.errors import SourceUnusable

COLUMNS = ("photo", "kind", "label", "x0", "y0", "x1", "y1")


def read_labels(truth: Path, kind: str) -> dict[str, frozenset[str]]:
    """Return photo -> labels of one kind. A photo whose rows are of other kinds has none.

    Boxes are not needed for whole-photo labels. Raises `SourceUnusable`.
    """
    labels: dict[str, set[str]] = defaultdict(set)
    try:
        with truth.open(encoding="utf-8-sig", newline="") as text:
            rows = csv.DictReader(text, strict=True)
            if not {"photo", "kind", "label"} <= set(rows.fieldnames or ()):
                raise SourceUnusable(
                    "the truth file lacks a column",
                    hint="It needs " + ", ".join(COLUMNS) + ".",
                )
            for row in rows:
                found = labels[row["photo"]]
                if row["kind"] == kind and row["label"]:
                    found.add(row["label"])
    except (OSError, UnicodeDecodeError, csv.Error):
        raise SourceUnusable(
            "the truth file can't be read", hint="It is a CSV file in UTF-8."
        ) from None
    if not labels:
        raise SourceUnusable("the truth file has no rows", hint="Label some test photos first.")
    return {photo: frozenset(found) for photo, found in labels.items()}
