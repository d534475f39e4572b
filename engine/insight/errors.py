"""What can go wrong between a release and what follows from it.

    EngineError
    └── InsightError                the root of this sub-package
        ├── TableRefused            the table is not a release of the study
        ├── NotReleased             the study releases no numbers to answer from
        ├── ReadingUnwritable       the reading table can't be written
        └── ReportUnwritable        the report or a chart can't be written

A release is public, and so is everything that a message quotes: ids and dimensions of the study.
"""

from engine.errors import EngineError


class InsightError(EngineError):
    """Root of this sub-package's errors."""

    code = "insight"


class TableRefused(InsightError):
    """The table has other columns, rows or laws of noise than the study's release."""

    code = "table-refused"
    exit_code = 9


class NotReleased(InsightError):
    """The study releases no numbers to answer from."""

    code = "not-released"
    exit_code = 7


class ReadingUnwritable(InsightError):
    """The disk or its permissions refuse the reading table."""

    code = "reading-unwritable"
    exit_code = 10


class ReportUnwritable(InsightError):
    """The disk or its permissions refuse the report, or something is there already."""

    code = "report-unwritable"
    exit_code = 10
