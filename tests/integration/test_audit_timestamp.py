"""`audit timestamp` from the command line, by our own authority and by OpenSSL's."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest

from engine.setup import Place
from tests.conftest import Command
from tests.places import run_words
from tests.time_authority import STAMPING, Authority, Token


@pytest.fixture(scope="module")
def stamper() -> Authority:
    return Authority.create(by=Authority.create(), name="Stamper", usage=STAMPING)


@pytest.fixture
def tsa(stamper: Authority, tmp_path: Path) -> Path:
    path = tmp_path / "tsa.pem"
    path.write_bytes(stamper.pem())
    return path


def test_a_stamp_is_asked_for_kept_and_verified(
    place: Place, no_photos: Path, stamper: Authority, tsa: Path, tmp_path: Path, crowdlens: Command
) -> None:
    log, asked, answer = ("--log", place.log), tmp_path / "log.tsq", tmp_path / "log.tsr"
    stamping = ("audit", "timestamp")
    assert crowdlens(*stamping, "request", *log, "--out", asked).code == 0
    assert crowdlens(*stamping, "request", *log, "--out", asked).code == 2, "never overwritten"
    answer.write_bytes(Token.answer(stamper, asked.read_bytes()).to_bytes())
    assert crowdlens(*run_words(place, no_photos, tmp_path / "out", "--quiet")).code == 0
    added = crowdlens(*stamping, "add", *log, "--token", answer, "--tsa", tsa)
    assert added.code == 0, added.err
    assert "existed before 2026-11-24 09:30:15 UTC" in added.out
    assert crowdlens(*stamping, "add", *log, "--token", answer, "--tsa", tsa).code == 2
    assert "not checked  time stamps" in crowdlens("audit", "verify", *log).out
    # The log's own entries are of today, which is not before the stamp in this test.
    found = json.loads(crowdlens("audit", "verify", *log, "--tsa", tsa, "--json").out)
    (check,) = [c for c in found["checks"] if c["name"] == "time stamps"]
    assert check["status"] == ("passed" if found["verified"] else "failed")
    # The log still takes runs, and the second verifier does not mind.
    assert crowdlens(*run_words(place, no_photos, tmp_path / "more", "--quiet")).code == 0
    assert crowdlens("audit", "fsck", *log).code == 0


def test_mistakes_are_one_sentence(
    place: Place,
    tsa: Path,
    stamper: Authority,
    tmp_path: Path,
    crowdlens: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    log, stamping = ("--log", place.log), ("audit", "timestamp")
    rubbish = tmp_path / "rubbish"
    rubbish.write_bytes(b"rubbish")
    for words, code in (
        (("add", *log, "--tsa", tsa), 2),
        (("add", *log, "--tsa", tsa, "--token", tmp_path / "none"), 5),
        (("add", *log, "--tsa", tsa, "--token", rubbish), 5),
        (("add", *log, "--tsa", rubbish, "--token", rubbish), 5),
        (("add", *log, "--tsa", tmp_path / "none", "--token", rubbish), 5),
        (("add", *log, "--tsa", tsa, "--url", "ftp://x"), 2),
        (("add", *log, "--tsa", tsa, "--url", "http://127.0.0.1:9/"), 2),
        (("request", "--log", tmp_path, "--out", tmp_path / "x"), 4),
    ):
        done = crowdlens(*stamping, *words)
        assert done.code == code, (words, done.err)
        assert "fault of ours" not in done.err
        assert "Traceback" not in done.err
    assert crowdlens("audit", "verify", *log, "--tsa", rubbish).code == 5
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    done = crowdlens(*stamping, "request", *log, "--out", tmp_path / "x")
    assert done.code == 2
    assert "pip install 'crowdlens[timestamp]'" in done.err
    assert not (tmp_path / "x").exists()
    assert crowdlens("audit", "verify", *log).code == 0, "nobody else needs the extra"


class _Handler(BaseHTTPRequestHandler):
    stamper: Authority

    def do_POST(self) -> None:
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(Token.answer(self.stamper, asked).to_bytes())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def url(stamper: Authority) -> Iterator[str]:
    handler = type("Handler", (_Handler,), {"stamper": stamper})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/tsr"
        server.shutdown()
        thread.join()


def test_over_the_network_only_when_told_to(
    place: Place, tsa: Path, url: str, crowdlens: Command
) -> None:
    log = ("--log", place.log)
    added = crowdlens("audit", "timestamp", "add", *log, "--url", url, "--tsa", tsa)
    assert added.code == 0, added.err
    assert len(list((place.log / "anchors").glob("*.tsr"))) == 1


_CONFIG = """\
[tsa]
default_tsa = one
[one]
serial = {folder}/serial
crypto_device = builtin
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:2
clock_precision_digits = 0
ordering = no
tsa_name = no
ess_cert_id_chain = no
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical,CA:TRUE
[leaf]
basicConstraints = critical,CA:FALSE
extendedKeyUsage = critical,timeStamping
"""


_CERTIFICATES = """\
req -config c -newkey rsa:2048 -nodes -x509 -keyout r.key -out r.pem -subj /CN=R -extensions root
req -config c -newkey rsa:2048 -nodes -keyout t.key -out t.csr -subj /CN=T
x509 -req -in t.csr -CA r.pem -CAkey r.key -CAcreateserial -out t.pem -extfile c -extensions leaf
"""
_REPLY = """\
ts -reply -config c -queryfile log.tsq -inkey t.key -signer t.pem -chain r.pem -out log.tsr
"""


@pytest.mark.skipif(shutil.which("openssl") is None, reason="there is no openssl on this machine")
def test_openssl_s_authority_is_believed(place: Place, tmp_path: Path, crowdlens: Command) -> None:
    def openssl(words: str) -> None:
        subprocess.run(["openssl", *words.split()], check=True, capture_output=True, cwd=tmp_path)

    (tmp_path / "c").write_text(_CONFIG.format(folder=tmp_path))
    (tmp_path / "serial").write_text("01")
    for words in _CERTIFICATES.splitlines():
        openssl(words)
    log, asked = ("--log", place.log), tmp_path / "log.tsq"
    assert crowdlens("audit", "timestamp", "request", *log, "--out", asked).code == 0
    openssl(_REPLY)
    believed = ("--tsa", tmp_path / "r.pem")
    token = ("--token", tmp_path / "log.tsr")
    added = crowdlens("audit", "timestamp", "add", *log, *token, *believed)
    assert added.code == 0, added.err
    told = crowdlens("audit", "verify", *log, *believed)
    assert told.code == 0, told.out
    assert "passed       time stamps: the first" in told.out
