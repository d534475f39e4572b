"""What `text: pii-only` veils."""

import subprocess
import sys

import numpy as np
import pytest

from redaction.errors import ModelUnusable
from redaction.personal import is_personal, load, must_be_veiled
from redaction.text import Line

QUAD = np.array([[0.0, 0], [400, 0], [400, 30], [0, 30]])
PLATE = np.array([[0.0, 0], [150, 0], [150, 40], [0, 40]])


@pytest.fixture
def presidio() -> None:
    pytest.importorskip("presidio_analyzer", reason="the extra `pii` is not installed")


@pytest.mark.usefixtures("presidio")
@pytest.mark.parametrize(
    "text",
    [
        "ana@yahoo.co.uk",
        "ana at home: ana.b+c@posteo.example",
        "@nike_fan",
        "\uff20nike",
        "#nike",
        "nike.com/ana",
        "www.ana-bakes.example",
        "Call 555-0199",
        "+44 151 234 5678",
        "4111 1111 1111 1111",
        "DE89 3704 0044 0532 0130 00",
        "192.168.1.17",
        "2001:db8::8a2e:370:7334",
        "00:1B:44:11:3A:B7",
        "1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2",
        "Born 3/4/1978",
        "Date of birth: May 5",
        "Dr. Marieke Vanderhoof",
        "Mrs Oyelaran",
        "Herr Zimmermann",
        "Name: Ana",
        "Served by: Joao",
        "17 Thornbury Road",
        "Lindenstraße 4",
        "L1 8JQ",
        "P<GBRVANDERHOOF<<MARIEKE<<<",
        "078-05-1120",
    ],
)
def test_personal_data_is_seen(text) -> None:
    assert is_personal(text)


@pytest.mark.usefixtures("presidio")
@pytest.mark.parametrize(
    "text",
    ["SALE", "Fresh coffee every day", "Nike", "2 for 3.99", "Open 9 to 5", "Marks & Spencer", ""],
)
def test_other_text_is_not(text) -> None:
    assert not is_personal(text)


@pytest.mark.usefixtures("presidio")
@pytest.mark.parametrize(
    ("line", "veiled"),
    [
        (Line(QUAD, "Fresh coffee", 0.99, read=True), False),
        (Line(QUAD, "Fresh coffee", 0.6, read=True), True),
        (Line(QUAD, "Fresh coffee", 0.99, read=False), True),
        (Line(QUAD, "  ", 0.99, read=True), True),
        (Line(QUAD, "@ana", 0.99, read=True), True),
        (Line(PLATE, "FZB·9581", 0.99, read=True), True),
    ],
)
def test_what_was_not_surely_read_is_veiled(line, veiled) -> None:
    assert must_be_veiled(line) is veiled


def test_without_presidio_there_is_no_answer(monkeypatch) -> None:
    load.cache_clear()
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    monkeypatch.setitem(sys.modules, "presidio_analyzer.recognizer_registry", None)
    with pytest.raises(ModelUnusable) as refusal:
        is_personal("Fresh coffee")
    assert "crowdlens[pii]" in refusal.value.hint
    load.cache_clear()


@pytest.mark.usefixtures("presidio")
def test_it_calls_nobody_and_is_loaded_when_asked_for() -> None:
    code = """
import socket, sys
def refuse(*a, **k): raise AssertionError("network")
socket.socket.connect = refuse
socket.getaddrinfo = refuse
from redaction import personal
assert "presidio_analyzer" not in sys.modules
assert personal.is_personal("ana@yahoo.co.uk")
assert personal.is_personal("https://example.org/ana")
assert not personal.is_personal("Fresh coffee")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
