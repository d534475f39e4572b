"""What runs a job over photos: here, or on a cluster."""

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

T_contra = TypeVar("T_contra", contravariant=True)
R_co = TypeVar("R_co", covariant=True)


class Job(Protocol[T_contra, R_co]):
    """A picklable callable with a set-up that is done once a process."""

    def prepare(self) -> None:
        """Load what every call needs."""

    def __call__(self, item: T_contra, /) -> R_co:
        """Do the work for one item; must not depend on any other."""


T = TypeVar("T")
R = TypeVar("R")


class Workers(Protocol):
    """Runs a job over items."""

    @property
    def flying(self) -> int:
        """How many items are handed out at the moment."""

    def map(self, job: Job[T, R], items: Sequence[T], lost: Callable[[], R]) -> Iterator[R]:
        """Yield each item's result in the items' order; `lost()` for one that kills its process."""
