"""A release as files: the same release gives the same bytes, and nothing else is in them.

No timestamps, no host, no versions of anything: only the table and the public facts of the
study. JSON is canonical (RFC 8785); CSV is RFC 4180 with LF, in UTF-8, and safe in a spreadsheet;
Parquet has fixed settings, so its bytes are those of the installed Polars version, and carries the
run, policy, dataset and privacy label as key-value metadata.
"""

import io
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import polars as pl

from engine.durable import sync_directory, write_new
from engine.statistics.accounting import cost, cost_of, law_of, stated_epsilon
from engine.statistics.errors import ReleaseUnwritable
from engine.statistics.found import DIMENSION as FOUND
from engine.statistics.interface import Statistic
from engine.statistics.measures import Top
from engine.statistics.release import Release
from engine.statistics.spreadsheet import guarded
from engine.statistics.top import TopLaw
from policies.canonical import canonical_json, digest_of_bytes

Format = Literal["csv", "parquet", "json"]

RELEASE_FORMAT = "crowdlens-release/v1"
LABEL_FORMAT = "crowdlens-privacy-label/v1"
LABEL_FILE = "privacy-label.json"

NOT_COVERED = (
    "people shown in other people's photos",
    "more accounts of one person than stated: their losses add up",
    "errors of recognition and of the contribution bound: the 95 % bounds are for the noise alone",
    "timing and memory of the live process",
    "a dishonest operator of the machine",
)
"""What the guarantee does not promise, in the words of the privacy label."""


def write(
    release: Release, directory: Path, formats: Iterable[Format], *, policy_class: str
) -> tuple[tuple[str, str], ...]:
    """Write the release and its privacy label; return (file name, `sha256:...`), sorted by name.

    The directory must exist and hold none of the files: nothing is overwritten. Files are synced
    to the disk before the function returns, readable by all (mode 0644, less the umask), since a
    release is public; keep the directory closed until the release is logged.

    Raises:
        ReleaseUnwritable: no space, no permission, or a file of that name is there already.
    """
    label = canonical_json(privacy_label(release, policy_class))
    contents = {f"release.{kind}": _WRITERS[kind](release, label) for kind in sorted(set(formats))}
    contents[LABEL_FILE] = label
    try:
        for name, data in contents.items():
            write_new(directory / name, data)
        sync_directory(directory)
    except OSError as error:
        raise ReleaseUnwritable(
            f"the release can't be written: {error.strerror}",
            hint="Give it an empty directory with room and permission to write.",
        ) from error
    return tuple(sorted((name, digest_of_bytes(data)) for name, data in contents.items()))


def privacy_label(release: Release, policy_class: str) -> dict[str, Any]:
    """Return what the release promises and what it does not, as plain values."""
    study, total = release.study, cost(release.study, release.paid)
    return {
        "format": LABEL_FORMAT,
        "run": release.run,
        "policy": release.policy,
        "class": policy_class,
        "dataset": release.dataset,
        "model": "central",
        "unit": "contributor",
        "accounts_of_one_person": study.accounts,
        "accounts_joined_by_a_map": study.joined,
        "neighbours": "add or remove all photos of one contributor"
        if study.accounts == 1
        else f"add or remove all photos of one person, who has at most {study.accounts} accounts",
        "max_cells": study.max_cells,
        "accounting": total.accounting,
        **total.texts(),
        **_stated(release),
        "found": [
            {
                "id": found.id,
                "measures": "contributors",
                "by": [FOUND],
                "least": found.least,
                "released_above": found.threshold,
                "selection_delta": str(found.selection_delta),
                "max_labels": found.max_labels,
                "mechanism": found.law.name,
                **found.loss.texts(),
            }
            for found in study.found
        ],
        "statistics": [_of_statistic(release, statistic) for statistic in study.in_order()],
        "not_covered": list(NOT_COVERED),
    }


def _stated(release: Release) -> dict[str, Any]:
    """Put a loss in rho into the words that readers know."""
    total = cost(release.study, release.paid)
    if total.rho is None or release.stated_at is None:
        return {}
    stated = stated_epsilon(total.rho, release.stated_at)
    # No float: the label's numbers are promises, and its JSON is canonical.
    return {
        "stated": {
            "epsilon": f"{stated.epsilon:.4g}",
            "delta": str(release.stated_at + total.delta),
            "epsilon_of_one_gaussian": f"{stated.tightness:.4g}",
        }
    }


def _of_statistic(release: Release, statistic: Statistic) -> dict[str, Any]:
    study = release.study
    bounds = study.sensitivity(statistic)
    measure = statistic.measure
    return {
        "id": statistic.id,
        "measures": statistic.measured,
        **{f"measured_{name}": value for name, value in sorted(asdict(measure).items())},
        "by": list(statistic.names),
        "cells": statistic.cells,
        "max_cells": study.bound(statistic),
        "sensitivity": {
            "linf": bounds.linf,
            "l1": bounds.l1,
            "l2_squared": bounds.l2_squared,
        },
        "mechanism": TopLaw.name if isinstance(measure, Top) else law_of(study, statistic).name,
        **cost_of(study, statistic).texts(),
        "paid_by": "an earlier release" if statistic.id in release.paid else "this release",
    }


def _csv(release: Release, _: bytes) -> bytes:
    return guarded(release.table).write_csv().encode()


def _json(release: Release, _: bytes) -> bytes:
    return canonical_json(
        {
            "format": RELEASE_FORMAT,
            "run": release.run,
            "policy": release.policy,
            "dataset": release.dataset,
            "columns": release.table.columns,
            "rows": release.table.to_dicts(),
        }
    )


def _parquet(release: Release, label: bytes) -> bytes:
    buffer = io.BytesIO()
    table: pl.DataFrame = release.table.rechunk()
    table.write_parquet(
        buffer,
        compression="zstd",
        compression_level=3,
        statistics=False,
        row_group_size=1 << 20,
        # A table that has lost its neighbours still says what it is and what it promises.
        metadata={
            "crowdlens.format": RELEASE_FORMAT,
            "crowdlens.run": release.run,
            "crowdlens.policy": release.policy,
            "crowdlens.dataset": release.dataset,
            "crowdlens.privacy-label": label.decode(),
        },
    )
    return buffer.getvalue()


_WRITERS: dict[Format, Callable[[Release, bytes], bytes]] = {
    "csv": _csv,
    "json": _json,
    "parquet": _parquet,
}
