import os
import signal
from dataclasses import dataclass
from functools import partial

import pytest

from engine.workers import LocalWorkers
from engine.workers.errors import WorkersUnready


@dataclass(frozen=True)
class Squares:
    """Square numbers; die of those that are listed."""

    deadly: frozenset[int] = frozenset()
    unready: bool = False

    def prepare(self) -> None:
        if self.unready:
            raise MemoryError

    def __call__(self, item: int) -> int:
        if item in self.deadly:
            os.kill(os.getpid(), signal.SIGSEGV)
        return item * item


def lost() -> int:
    return -1


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_of_the_items(count: int) -> None:
    items = range(40)
    assert list(LocalWorkers(count).map(Squares(), items, lost)) == [i * i for i in items]


@pytest.mark.parametrize("count", [1, 2])
def test_an_item_that_kills_its_process_costs_itself_alone(count: int) -> None:
    items = range(12)
    found = list(LocalWorkers(count).map(Squares(frozenset({3, 11})), items, lost))
    assert found == [-1 if i in (3, 11) else i * i for i in items]


def test_no_item_starts_no_process() -> None:
    assert list(LocalWorkers(2).map(Squares(unready=True), (), lost)) == []


@pytest.mark.filterwarnings("ignore")
def test_workers_that_can_not_get_ready_stop_the_run() -> None:
    with pytest.raises(WorkersUnready):
        list(LocalWorkers(1).map(Squares(unready=True), [1], lost))


def test_an_error_of_ours_is_not_taken_for_a_lost_item() -> None:
    with pytest.raises(TypeError):
        list(LocalWorkers(1).map(Squares(), ["a"], partial(int, "0")))  # type: ignore[list-item]
