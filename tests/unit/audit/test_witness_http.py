"""A witness over HTTP: its statuses, its client, and a log that can't do without it."""

from collections.abc import Callable
from datetime import date
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import Log, Trust, TrustedWitness, verify
from audit.errors import (
    AuditError,
    LogCut,
    LogForked,
    LogTampered,
    NoteInvalid,
    SignatureUntrusted,
    TrustInvalid,
    WitnessMissing,
    WitnessRefused,
)
from audit.note import SignedNote
from audit.witness import DirectoryWitness, parse_cosignature
from audit.witness_client import HttpWitness
from audit.witness_server import WitnessServer, answer_add
from audit.witness_visit import visit
from audit.witness_wire import AddRequest, parse_size
from tests.unit.audit.test_witness import DAY, FORK, LOG, head, other_key, proof


@pytest.fixture
def memory(tmp_path: Path) -> DirectoryWitness:
    """A witness that remembers 5 entries."""
    made = DirectoryWitness.create(tmp_path / "w", LOG)
    made.add_checkpoint(0, (), head(5), DAY)
    return made


# C2SP tlog-witness, add-checkpoint, status by status.
STATUS: list[tuple[str, int, tuple[bytes, ...], Callable[[], bytes], int, bytes]] = [
    ("continues", 5, proof(5, 8), lambda: head(8), 200, b""),
    ("same again", 5, (), lambda: head(5), 200, b""),
    ("old size too small", 4, proof(4, 8), lambda: head(8), 409, b"5\n"),
    ("old size zero", 0, (), lambda: head(8), 409, b"5\n"),
    ("old size too large", 6, proof(6, 8), lambda: head(8), 409, b"5\n"),
    ("smaller, honest about it", 3, (), lambda: head(3), 409, b"5\n"),
    ("old size beyond the new", 5, (), lambda: head(3), 400, b""),
    ("same size, other root", 5, (), lambda: head(5, FORK), 409, b""),
    ("other branch", 5, proof(5, 8, FORK), lambda: head(8, FORK), 422, b""),
    ("no proof", 5, (), lambda: head(8), 422, b""),
    ("garbage proof", 5, (bytes(32),) * 3, lambda: head(8), 422, b""),
    ("another key", 5, proof(5, 8), other_key, 403, b""),
    ("another log", 5, proof(5, 8), lambda: head(8, origin="x"), 404, b""),
    ("no note", 5, (), lambda: b"x\n", 400, b""),
]


@pytest.mark.parametrize(
    ("old", "hashes", "note", "status", "body"), [t[1:] for t in STATUS], ids=[t[0] for t in STATUS]
)
def test_each_status_of_the_protocol(
    memory: DirectoryWitness,
    serve: Callable[..., WitnessServer],
    old: int,
    hashes: tuple[bytes, ...],
    note: Callable[[], bytes],
    status: int,
    body: bytes,
) -> None:
    host, port = serve(memory).server_address[:2]
    connection = HTTPConnection(str(host), port, timeout=10)
    connection.request("POST", "/add-checkpoint", AddRequest(old, hashes, note()).to_bytes())
    answer = connection.getresponse()
    said = answer.read()
    connection.close()
    assert answer.status == status
    if status == 200:
        assert parse_cosignature(said.decode()).is_by(memory.vkey)
        return
    assert said == body
    if said:
        assert answer.headers["Content-Type"] == "text/x.tlog.size"
        assert parse_size(said) == 5
    after = memory.latest()
    assert after is not None
    assert after.size == 5


# What the client makes of each: the same errors as of a witness in a folder.
HEARD: dict[str, type[AuditError]] = {
    "old size too small": WitnessRefused,
    "old size zero": WitnessRefused,
    "same size, other root": LogForked,
    "other branch": LogForked,
    "garbage proof": LogForked,
    "smaller, honest about it": LogCut,
    "another key": SignatureUntrusted,
    "another log": SignatureUntrusted,
}


@pytest.mark.parametrize("name", HEARD)
def test_the_client_hears_what_a_folder_would_say(
    memory: DirectoryWitness, serve: Callable[..., WitnessServer], name: str
) -> None:
    client = HttpWitness(serve(memory).url, memory.vkey, LOG)
    (_, old, hashes, note, _, _) = next(t for t in STATUS if t[0] == name)
    with pytest.raises(HEARD[name]) as raised:
        client.add_checkpoint(old, hashes, note(), DAY)
    assert type(raised.value) is HEARD[name]


def test_what_it_remembers_is_believed_by_its_signatures(
    memory: DirectoryWitness, serve: Callable[..., WitnessServer], tmp_path: Path
) -> None:
    url = serve(memory).url
    assert HttpWitness(url, memory.vkey, LOG).latest() == memory.latest()
    stranger = DirectoryWitness.create(tmp_path / "stranger", LOG)
    with pytest.raises(SignatureUntrusted):
        HttpWitness(url, stranger.vkey, LOG).latest()
    fresh = HttpWitness(serve(stranger).url, stranger.vkey, LOG)
    assert fresh.latest() is None
    with pytest.raises(SignatureUntrusted):
        HttpWitness(url, memory.vkey, stranger.vkey).latest()
    (memory.path / "checkpoint").unlink()
    with pytest.raises(WitnessMissing):
        HttpWitness(url, memory.vkey, LOG).latest()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", {}, 404),
        ("GET", "/checkpoint/crowdlens/unknown", {}, 404),
        ("POST", "/elsewhere", {}, 404),
        ("POST", "/add-checkpoint", {"Content-Length": "99999999999"}, 400),
        ("POST", "/add-checkpoint", {"Content-Length": "-1"}, 400),
        ("POST", "/add-checkpoint", {"Content-Length": "1000000"}, 400),
        ("PUT", "/add-checkpoint", {}, 501),
    ],
)
def test_odd_requests(
    memory: DirectoryWitness,
    serve: Callable[..., WitnessServer],
    method: str,
    path: str,
    headers: dict[str, str],
    status: int,
) -> None:
    host, port = serve(memory).server_address[:2]
    connection = HTTPConnection(str(host), port, timeout=10)
    connection.request(method, path, headers=headers)
    assert connection.getresponse().status == status
    connection.close()


@pytest.mark.parametrize(
    "body", [b"", b"old 5", b"old 05\n\n", b"old 5\nxx\n\n", b"old 5\nAAAA\n\n", b"\xff\n\n"]
)
def test_bodies_that_do_not_parse(memory: DirectoryWitness, body: bytes) -> None:
    with pytest.raises(NoteInvalid):
        AddRequest.parse(body)
    assert answer_add([memory], body, DAY)[0] == 400
    assert answer_add([memory], body + head(8), DAY)[0] in (400, 404)


def test_a_request_reads_back(memory: DirectoryWitness) -> None:
    request = AddRequest(5, proof(5, 8), head(8))
    assert AddRequest.parse(request.to_bytes()) == request


def elsewhere(study: Any, url: str, quorum: int = 1) -> Trust:
    trust = study.trust
    return Trust(trust.log, (TrustedWitness(trust.witnesses[0].vkey, None, url),), quorum)


def test_a_log_whose_witness_is_on_another_machine(
    study: Any, serve: Callable[..., WitnessServer], tmp_path: Path
) -> None:
    server = serve(DirectoryWitness.open(study.witness_dir))
    trust = elsewhere(study, server.url)
    trust.dump(tmp_path / "trust.yaml")
    assert Trust.load(tmp_path / "trust.yaml") == trust
    log = Log.open(study.log_dir, trust, study.DAY)
    with log.start_run(study.body()) as run:
        run.reserve({"brands": study.loss("0.5")})
        run.end("failed")
    found = verify(study.log_dir, trust, online=True)
    assert found.exit_code == 0
    name = f"witness memory {trust.witnesses[0].vkey.name}"
    assert {c.name: c.status for c in found.checks}[name] == "passed"
    offline = {c.name: (c.status, c.explanation) for c in verify(study.log_dir, trust).checks}
    assert offline[name] == (
        "not-checked",
        "its memory is elsewhere; it can be asked, with --online",
    )


def test_without_its_quorum_nothing_is_spent(
    study: Any, serve: Callable[..., WitnessServer]
) -> None:
    server = serve(DirectoryWitness.open(study.witness_dir))
    trust = elsewhere(study, server.url)
    log = Log.open(study.log_dir, trust, study.DAY)
    run = log.start_run(study.body())
    before = study.entries.read_bytes()
    server.shutdown()
    server.server_close()
    with pytest.raises(WitnessMissing):
        run.reserve({"brands": study.loss("0.5")})
    assert study.entries.read_bytes() == before
    with pytest.raises(WitnessMissing):
        Log.open(study.log_dir, trust, study.DAY)
    statuses = {c.name: c.status for c in verify(study.log_dir, trust, online=True).checks}
    assert statuses[f"witness memory {trust.witnesses[0].vkey.name}"] == "not-checked"


def test_two_of_three_are_enough(
    study: Any, serve: Callable[..., WitnessServer], tmp_path: Path
) -> None:
    folders = [DirectoryWitness.create(tmp_path / str(n), study.trust.log) for n in range(3)]
    servers = [serve(folder) for folder in folders]
    trust = Trust(
        study.trust.log,
        tuple(TrustedWitness(f.vkey, None, s.url) for f, s in zip(folders, servers, strict=True)),
        2,
    )
    log = Log.open(study.log_dir, trust, study.DAY)
    servers[0].shutdown()
    servers[0].server_close()
    log.start_run(study.body()).end("failed")
    assert verify(study.log_dir, trust).exit_code == 0
    servers[1].shutdown()
    servers[1].server_close()
    with pytest.raises(WitnessMissing):
        log.start_run(study.body())


def test_a_log_put_back_is_refused_by_the_witness_elsewhere(
    study: Any, serve: Callable[..., WitnessServer], tmp_path: Path
) -> None:
    trust = elsewhere(study, serve(DirectoryWitness.open(study.witness_dir)).url)
    old = study.copy(tmp_path / "old")
    Log.open(study.log_dir, trust, study.DAY).start_run(study.body()).end("failed")
    with pytest.raises(LogCut):
        Log.open(old.log_dir, trust, study.DAY)
    assert verify(old.log_dir, trust, online=True).exit_code == 4
    assert verify(old.log_dir, trust).exit_code == 0, "nobody was asked"


@pytest.mark.parametrize("said", [b"", b"\xff\n", b"\n" * 100, b"x" * 70_000])
def test_answers_that_are_none(
    memory: DirectoryWitness,
    serve: Callable[..., WitnessServer],
    monkeypatch: pytest.MonkeyPatch,
    said: bytes,
) -> None:
    from audit import witness_server

    monkeypatch.setattr(witness_server, "answer_add", lambda *_: (200, "text/plain", said))
    monkeypatch.setattr(
        witness_server, "answer_read", lambda *_: (200, "text/plain", said or b"\n")
    )
    client = HttpWitness(serve(memory).url, memory.vkey, LOG)
    with pytest.raises((SignatureUntrusted, WitnessMissing)):
        client.add_checkpoint(5, proof(5, 8), head(8), DAY)
    with pytest.raises((SignatureUntrusted, WitnessMissing)):
        client.latest()


def test_a_cosignature_of_another_head_is_not_taken(
    study: Any, serve: Callable[..., WitnessServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit import witness_server

    old = SignedNote.parse((study.witness_dir / "checkpoint").read_bytes()).signatures[-1].line()
    server = serve(DirectoryWitness.open(study.witness_dir))
    log = Log.open(study.log_dir, elsewhere(study, server.url), study.DAY)
    monkeypatch.setattr(witness_server, "answer_add", lambda *_: (200, "text/plain", old.encode()))
    with pytest.raises(SignatureUntrusted):
        log.start_run(study.body())


@pytest.mark.parametrize(
    "url", ["ftp://x", "http://", "http://a b", "http://x/?q", "http://u:p@x", "file:///etc", "x"]
)
def test_urls_that_a_trust_file_may_not_name(study: Any, url: str) -> None:
    text = study.trust_file.read_text().replace("path: witness", f"url: {url!r}")
    study.trust_file.write_text(text)
    with pytest.raises(TrustInvalid):
        Trust.load(study.trust_file)


def test_a_witness_is_in_one_place(study: Any) -> None:
    text = study.trust_file.read_text()
    study.trust_file.write_text(text.replace("path: witness", "path: witness\n  url: http://x"))
    with pytest.raises(TrustInvalid):
        Trust.load(study.trust_file)


def test_a_witness_that_comes_by_itself(study: Any, tmp_path: Path) -> None:
    stick = DirectoryWitness.create(tmp_path / "stick", study.trust.log)
    for _ in range(2):
        line = visit(stick, study.log_dir, date(2026, 11, 24))
        assert parse_cosignature(line).is_by(stick.vkey)
        memory = stick.latest()
        assert memory is not None
        assert memory.size == len(study.lines())
        study.start().end("failed")
    old = study.copy(tmp_path / "old")
    study.start().end("failed")
    visit(stick, study.log_dir, study.DAY)
    with pytest.raises(LogCut):
        visit(stick, old.log_dir, study.DAY)
    old.start().end("failed")
    old.start().end("interrupted")
    with pytest.raises(LogForked):
        visit(stick, old.log_dir, study.DAY)


def test_who_drips_is_cut_off(
    memory: DirectoryWitness,
    serve: Callable[..., WitnessServer],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import socket

    from audit import witness_client, witness_server

    monkeypatch.setattr(witness_server, "_LONGEST", 0.3)
    host, port = serve(memory).server_address[:2]
    with socket.create_connection((str(host), port), timeout=10) as connection:
        connection.sendall(b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 500\r\n\r\nold")
        assert connection.recv(100) == b""
    monkeypatch.setattr(witness_client, "LONGEST", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        client = HttpWitness(f"http://127.0.0.1:{silent.getsockname()[1]}", memory.vkey, LOG)
        with pytest.raises(WitnessMissing):
            client.latest()


def test_of_many_requests_at_once_one_is_remembered(
    memory: DirectoryWitness, serve: Callable[..., WitnessServer]
) -> None:
    from concurrent.futures import ThreadPoolExecutor

    client = HttpWitness(serve(memory).url, memory.vkey, LOG)

    def ask(size: int) -> bool:
        leaves = FORK if size % 2 else None
        note = head(size, FORK) if leaves else head(size)
        hashes = proof(5, size, FORK) if leaves else proof(5, size)
        try:
            client.add_checkpoint(5, hashes, note, DAY)
        except (LogCut, LogForked, WitnessRefused):
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(ask, [6, 7, 8, 9, 10, 11, 12] * 2))
    after = memory.latest()
    assert after is not None
    assert sum(told) >= 1
    assert after.size in (6, 8, 10, 12)
    # Whoever came second started from what was remembered no more, unless it said the same again.
    assert sum(told) == 1


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=300))
def test_whatever_is_asked_the_witness_answers_with_a_status(data: bytes) -> None:
    for body in (data, b"old 5\n" + data, b"old 5\n\n" + data, data + b"\n\n" + head(8)):
        assert answer_add([], body, DAY)[0] in (400, 404)


def test_an_address_of_the_sixth_version(
    memory: DirectoryWitness,
) -> None:
    try:
        server = WitnessServer(("::1", 0), [memory], lambda: DAY)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        assert server.url.startswith("http://[::1]:")


def test_a_proof_has_no_more_hashes_than_a_tree_can_have(memory: DirectoryWitness) -> None:
    AddRequest.parse(AddRequest(5, (bytes(32),) * 63, head(8)).to_bytes())
    with pytest.raises(NoteInvalid):
        AddRequest.parse(AddRequest(5, (bytes(32),) * 64, head(8)).to_bytes())


def test_an_answer_without_end_is_not_read_on(
    memory: DirectoryWitness, serve: Callable[..., WitnessServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    from audit import witness_server

    long = (200, "text/plain", b"x" * 70_000)
    monkeypatch.setattr(witness_server, "answer_read", lambda *_: long)
    with pytest.raises(WitnessMissing, match="too long"):
        HttpWitness(serve(memory).url, memory.vkey, LOG).latest()


def test_a_first_checkpoint_comes_without_a_proof(tmp_path: Path) -> None:
    fresh = DirectoryWitness.create(tmp_path / "fresh", LOG)
    body = AddRequest(0, (bytes(32),), head(5)).to_bytes()
    assert answer_add([fresh], body, DAY)[0] == 422
    assert answer_add([fresh], AddRequest(3, (), head(5)).to_bytes(), DAY)[2] == b"0\n"
    assert fresh.latest() is None


def test_cosignatures_of_others_in_an_answer_are_ignored(
    memory: DirectoryWitness,
    serve: Callable[..., WitnessServer],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    from audit import witness_server

    other = DirectoryWitness.create(tmp_path / "other", LOG).add_checkpoint(0, (), head(8), DAY)
    mine = memory.add_checkpoint(5, proof(5, 8), head(8), DAY)
    said = (other + mine).encode()
    monkeypatch.setattr(witness_server, "answer_add", lambda *_: (200, "text/plain", said))
    client = HttpWitness(serve(memory).url, memory.vkey, LOG)
    assert client.add_checkpoint(5, proof(5, 8), head(8), DAY) == mine


@pytest.mark.parametrize("status", [503, 500, 302, 400])
def test_who_remembers_but_does_not_cosign_is_no_witness(
    study: Any, serve: Callable[..., WitnessServer], monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    from audit import witness_server

    server = serve(DirectoryWitness.open(study.witness_dir))
    trust = elsewhere(study, server.url)
    log = Log.open(study.log_dir, trust, study.DAY)
    run = log.start_run(study.body())
    sealed = study.checkpoint.read_bytes()
    right = witness_server.answer_add
    monkeypatch.setattr(witness_server, "answer_add", lambda *_: (status, "text/plain", b""))
    with pytest.raises(WitnessMissing):
        run.reserve({"brands": study.loss("0.5")})
    assert study.checkpoint.read_bytes() == sealed
    assert verify(study.log_dir, trust).ledger.account(study.DATASET).spent == study.loss("0")
    # What was written stands: once the witness is back, the spend counts.
    monkeypatch.setattr(witness_server, "answer_add", right)
    run.end("failed")
    assert verify(study.log_dir, trust).ledger.account(study.DATASET).spent == study.loss("0.5")


def test_a_witness_that_moved_since_it_was_asked_stops_the_work(
    study: Any, serve: Callable[..., WitnessServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from audit import witness_server

    second = DirectoryWitness.create(tmp_path / "second", study.trust.log)
    trusted = TrustedWitness(second.vkey, None, serve(second).url)
    trust = Trust(study.trust.log, (*study.trust.witnesses, trusted), 1)
    log = Log.open(study.log_dir, trust, study.DAY)
    moved = (409, "text/x.tlog.size", b"2\n")
    monkeypatch.setattr(witness_server, "answer_add", lambda *_: moved)
    # The quorum would do without it, but somebody else writes under this log's key.
    with pytest.raises(WitnessRefused):
        log.start_run(study.body())


def test_a_visitor_reads_the_entries_and_not_the_head_alone(study: Any, tmp_path: Path) -> None:
    stick = DirectoryWitness.create(tmp_path / "stick", study.trust.log)
    good = study.entries.read_bytes()
    for bad, error in (
        (good.replace(b"city", b"ciTy"), LogTampered),
        (good[: good.rindex(b"\n", 0, -1) + 1], LogCut),
    ):
        study.entries.write_bytes(bad)
        with pytest.raises(error):
            visit(stick, study.log_dir, study.DAY)
    study.entries.unlink()
    with pytest.raises(LogCut):
        visit(stick, study.log_dir, study.DAY)
    assert stick.latest() is None
