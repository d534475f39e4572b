import os
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import ClassVar

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


@dataclass(frozen=True)
class Poisoned:
    """Die of 5; of 7 too, but only in a process that has had 6."""

    had: ClassVar[set[int]] = set()

    def prepare(self) -> None:
        self.had.clear()

    def __call__(self, item: int) -> int:
        if item == 5 or (item == 7 and 6 in self.had):
            os.kill(os.getpid(), signal.SIGSEGV)
        self.had.add(item)
        return item


@dataclass(frozen=True)
class TakenFirst:
    """Say how likely the machine is to end this process where memory runs out."""

    def prepare(self) -> None:
        pass

    def __call__(self, item: int) -> int:
        return int(SCORE.read_text())


SCORE = Path("/proc/self/oom_score_adj")


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


def test_no_item_is_lost_for_what_another_did_to_its_process() -> None:
    found = list(LocalWorkers(1).map(Poisoned(), range(9), lost))
    assert found == [0, 1, 2, 3, 4, -1, 6, 7, 8]


@pytest.mark.skipif(not SCORE.exists(), reason="only Linux tells")
def test_a_machine_without_memory_takes_a_worker_first() -> None:
    before = int(SCORE.read_text())
    assert list(LocalWorkers(1).map(TakenFirst(), [0], lost)) == [max(before, 500)]
    assert int(SCORE.read_text()) == before


def test_no_item_starts_no_process() -> None:
    assert list(LocalWorkers(2).map(Squares(unready=True), (), lost)) == []


@pytest.mark.filterwarnings("ignore")
def test_workers_that_can_not_get_ready_stop_the_run() -> None:
    with pytest.raises(WorkersUnready):
        list(LocalWorkers(1).map(Squares(unready=True), [1], lost))


def test_an_error_of_ours_is_not_taken_for_a_lost_item() -> None:
    with pytest.raises(TypeError):
        list(LocalWorkers(1).map(Squares(), ["a"], partial(int, "0")))  # type: ignore[list-item]
