"""The rows that come in: one a sighting, without pixels."""

from typing import Final

import polars as pl

PHOTO_KIND: Final = "photo"
"""The kind of the one row that each photo has for itself, whatever was recognised in it."""

HASHTAG_KIND: Final = "hashtag"
"""The kind of a row for a hashtag of the photo's, which no catalogue names."""

SIGHTING_SCHEMA: Final = pl.Schema(
    {
        "contributor": pl.String,
        "photo": pl.UInt64,
        "kind": pl.String,
        "label": pl.String,
        "day": pl.Date,
        "region": pl.String,
        "platform": pl.String,
    }
)
"""`contributor` is opaque: canonicalised and keyed before it gets here. `photo` tells one
contributor's photos apart and nothing else. `kind` is `brand`, `scene`, `object`, `interest`,
`hashtag`, or `photo` for the row that says that the contributor posted at all (its `label` is
empty). `day` is the photo's date; `region` and `platform` may be null."""
