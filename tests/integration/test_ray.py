"""Work on a Ray cluster of two nodes: the same results, whatever dies.

Skipped, loudly, where the extra `ray` is not installed; CI installs it.
"""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from engine.workers import LocalWorkers
from engine.workers.errors import WorkersUnready
from engine.workers.ray_cluster import RayWorkers

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
os.environ["RAY_DEDUP_LOGS_SKIP_REGEX"] = ".*"  # nothing on standard output
if os.environ.get("CROWDLENS_RAY") != "required":
    pytest.importorskip("ray", reason="the extra crowdlens[ray] is not installed")
pytestmark = [
    pytest.mark.filterwarnings("ignore"),  # Ray's own
    pytest.mark.xdist_group("ray"),
    pytest.mark.timeout(600),
]


@dataclass(frozen=True)
class Squares:
    """Square numbers, slowly where asked; die of those that are listed."""

    deadly: frozenset[int] = frozenset()
    seconds: float = 0.0
    unready: bool = False
    dies_once: Path | None = None
    """Where the first process that gets ready leaves word that it died of it."""

    def prepare(self) -> None:
        if self.unready:
            raise MemoryError
        if self.dies_once is not None and not self.dies_once.exists():
            self.dies_once.touch()
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, item: int) -> int:
        time.sleep(self.seconds)
        if item in self.deadly:
            os.kill(os.getpid(), signal.SIGSEGV)
        return item * item


def lost() -> int:
    return -1


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    # Actors import this file's classes from where the tests are.
    os.environ["PYTHONPATH"] = str(Path(__file__).parents[2])
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
    made.add_node(num_cpus=1)
    yield made
    made.shutdown()


def test_results_come_in_the_order_of_the_items(cluster: Any) -> None:
    items = range(60)
    workers = RayWorkers(address=cluster.address)
    assert list(workers.map(Squares(), items, lost)) == [i * i for i in items]


def test_an_item_that_kills_its_process_costs_itself_alone(cluster: Any) -> None:
    items = range(30)
    workers = RayWorkers(address=cluster.address)
    found = list(workers.map(Squares(frozenset({3, 29})), items, lost))
    assert found == [-1 if i in (3, 29) else i * i for i in items]


def test_a_node_that_dies_costs_nothing(cluster: Any) -> None:
    second = cluster.add_node(num_cpus=1)
    items = range(80)
    results = RayWorkers(address=cluster.address).map(Squares(seconds=0.1), items, lost)
    found = [next(results) for _ in range(10)]
    cluster.remove_node(second, allow_graceful=False)
    found += results
    assert found == [i * i for i in items]


def test_a_cluster_that_can_not_get_ready_stops_the_run(cluster: Any) -> None:
    with pytest.raises(WorkersUnready, match="could not load"):
        list(RayWorkers(address=cluster.address).map(Squares(unready=True), [1], lost))


def test_a_process_that_is_ended_while_it_gets_ready_is_replaced(
    cluster: Any, tmp_path: Path
) -> None:
    job = Squares(dies_once=tmp_path / "died")
    items = range(10)
    found = list(RayWorkers(address=cluster.address).map(job, items, lost))
    assert found == [i * i for i in items]
    assert (tmp_path / "died").exists()


def test_an_error_of_ours_is_not_taken_for_a_lost_item(cluster: Any) -> None:
    with pytest.raises(TypeError):
        list(RayWorkers(address=cluster.address).map(Squares(), ["a"], partial(int, "0")))


def test_no_item_needs_no_cluster() -> None:
    assert list(RayWorkers(address="127.0.0.1:1").map(Squares(), (), lost)) == []


def test_without_an_address_one_is_started_and_removed(tmp_path: Path) -> None:
    before = set(Path("/tmp").glob("cl-ray-*"))
    items = range(20)
    assert list(RayWorkers(2).map(Squares(), items, lost)) == list(
        LocalWorkers(2).map(Squares(), items, lost)
    )
    assert set(Path("/tmp").glob("cl-ray-*")) == before
