"""What can go wrong between rows and a release.

    EngineError
    └── StatisticsError             the root of this sub-package
        ├── StudyInvalid            a study that can't be released as it stands (public facts only)
        ├── SightingsInvalid        rows of another shape than `SIGHTING_SCHEMA`
        ├── BudgetRefused           the reservation does not fit the study, or was used before
        ├── Sealed                  an attempt to build, change or look into what is sealed
        ├── CountOutOfRange         a count too large to be noised exactly
        └── ReleaseUnwritable       the release's files can't be written

No message quotes a row, a count or a contributor.
"""

from engine.errors import EngineError


class StatisticsError(EngineError):
    """Root of this sub-package's errors."""

    code = "statistics"


class StudyInvalid(StatisticsError):
    """A study that can't be released as it stands; says which public rule it breaks."""

    code = "study-invalid"
    exit_code = 7


class SightingsInvalid(StatisticsError):
    """Rows of another shape than the schema."""

    code = "sightings-invalid"
    exit_code = 9


class BudgetRefused(StatisticsError):
    """The reservation is not for this study's cost, or has been drawn on before."""

    code = "budget-refused"
    exit_code = 7


class Sealed(StatisticsError):
    """Somebody tried to build, change or copy bounded cells."""

    code = "sealed"


class CountOutOfRange(StatisticsError):
    """A count of 2^52 or more."""

    code = "count-out-of-range"


class ReleaseUnwritable(StatisticsError):
    """The disk or its permissions refuse the release's files."""

    code = "release-unwritable"
    exit_code = 10
