"""Figures of a run for its operator: OpenMetrics on the loopback interface, and nowhere else.

They tell how many photos there are and how long each takes. INVARIANT: only who asks for them gets
them, from this machine, while the run lasts; none is in the log, a release or a message.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import CollectorRegistry, Counter, Gauge, start_http_server

from engine.errors import EngineError
from engine.observer import Observer

LOOPBACK = "127.0.0.1"


class PortTaken(EngineError):
    """The port for figures can't be opened."""

    code = "port-taken"
    exit_code = 2


class Metered:
    """Passes everything on to another observer, and counts."""

    def __init__(self, observer: Observer, registry: CollectorRegistry) -> None:
        self._observer = observer
        self._photos = Counter(
            "crowdlens_photos_done", "Photos worked on, withheld ones too.", registry=registry
        )
        self._seconds = Counter(
            "crowdlens_work_seconds", "Seconds of work on photos.", ["part"], registry=registry
        )
        self._flying = Gauge(
            "crowdlens_photos_in_flight", "Photos handed to workers.", registry=registry
        )
        self._steps = Gauge("crowdlens_stage_steps", "Steps of the stage.", registry=registry)
        self._done = Gauge("crowdlens_stage_steps_done", "Of these, done.", registry=registry)

    def stage(self, name: str, steps: int | None = None) -> None:
        """A stage begins."""
        self._steps.set(steps or 0)
        self._done.set(0)
        self._observer.stage(name, steps)

    def step(self) -> None:
        """One step of the stage is done."""
        self._done.inc()
        self._observer.step()

    def worked(self, seconds: Mapping[str, float], flying: int) -> None:
        """A photo is done; a rate over the counter is the pace."""
        self._photos.inc()
        for part, took in seconds.items():
            self._seconds.labels(part).inc(took)
        self._flying.set(flying)
        self._observer.worked(seconds, flying)


@contextmanager
def metered(observer: Observer, port: int | None) -> Iterator[Observer]:
    """Serve figures at `http://127.0.0.1:PORT/metrics` while this lasts; without a port, nothing.

    Raises `PortTaken`.
    """
    if port is None:
        yield observer
        return
    registry = CollectorRegistry()
    try:
        server, thread = start_http_server(port, addr=LOOPBACK, registry=registry)
    except OSError:
        raise PortTaken(
            f"port {port} of this machine can't be opened", hint="Give another --metrics."
        ) from None
    try:
        yield Metered(observer, registry)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
