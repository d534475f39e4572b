import socket
import urllib.request

import pytest

from engine.cli.metrics import Metered, PortTaken, metered
from engine.observer import Silence


@pytest.fixture
def port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        found: int = free.getsockname()[1]
    return found


def scraped(port: int) -> str:
    asked = urllib.request.Request(
        f"http://127.0.0.1:{port}/metrics",
        headers={"Accept": "application/openmetrics-text; version=1.0.0"},
    )
    with urllib.request.urlopen(asked, timeout=5) as answer:
        assert "openmetrics" in answer.headers["Content-Type"]
        text: str = answer.read().decode()
    return text


def test_who_asks_gets_openmetrics_while_the_run_lasts(port: int) -> None:
    with metered(Silence(), port) as observer:
        observer.stage("redact and recognise", 3)
        for _ in range(2):
            observer.worked({"redact": 0.5, "recognise": 0.25}, 4)
            observer.step()
        text = scraped(port)
    for line in (
        "crowdlens_photos_done_total 2.0",
        'crowdlens_work_seconds_total{part="redact"} 1.0',
        'crowdlens_work_seconds_total{part="recognise"} 0.5',
        "crowdlens_photos_in_flight 4.0",
        "crowdlens_stage_steps 3.0",
        "crowdlens_stage_steps_done 2.0",
        "# EOF",
    ):
        assert line in text
    with pytest.raises(OSError, match="refused"):
        scraped(port)


def test_other_machines_can_not_ask(port: int) -> None:
    with metered(Silence(), port):
        addresses = {line[4][0] for line in socket.getaddrinfo(socket.gethostname(), port)}
        for address in addresses - {"127.0.0.1", "::1"}:
            with socket.socket() as other:
                other.settimeout(2)
                assert other.connect_ex((address, port)) != 0


def test_without_a_port_nothing_listens_or_counts() -> None:
    silence = Silence()
    with metered(silence, None) as observer:
        assert observer is silence


def test_a_port_that_is_taken_is_one_clear_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=str(number)), metered(Silence(), number):
            pass


def test_what_is_heard_is_passed_on(port: int) -> None:
    heard: list[object] = []

    class Ear(Silence):
        def stage(self, name: str, steps: int | None = None) -> None:
            heard.append((name, steps))

        def worked(self, seconds: object, flying: int) -> None:
            heard.append((seconds, flying))

    with metered(Ear(), port) as observer:
        assert isinstance(observer, Metered)
        observer.stage("a", 1)
        observer.worked({"redact": 1.0}, 2)
    assert heard == [("a", 1), ({"redact": 1.0}, 2)]
