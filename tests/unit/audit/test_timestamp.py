"""Time stamps: what is believed, by whose certificate, and that nothing else is."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st

from audit import AuditError, TimeAuthority, TimestampInvalid, TimestampUnavailable
from audit.timestamp import MAX_TOKEN_BYTES, Request, imprint, make_request
from audit.timestamp_client import fetch
from tests.time_authority import NOW, STAMPING, Authority, Token, request_parts

DATA = b"a checkpoint\n"


@pytest.fixture(scope="session")
def root() -> Authority:
    return Authority.create()


@pytest.fixture(scope="session")
def stamper(root: Authority) -> Authority:
    return Authority.create(by=root, name="Stamper", usage=STAMPING)


@pytest.fixture(scope="session")
def request_() -> Request:
    return make_request(DATA)


@pytest.fixture(scope="session")
def token(stamper: Authority, request_: Request) -> Token:
    return Token.answer(stamper, request_.body)


def believed(tmp_path: Path, *pems: bytes) -> TimeAuthority:
    files = []
    for number, pem in enumerate(pems):
        files.append(tmp_path / f"{number}.pem")
        files[-1].write_bytes(pem)
    return TimeAuthority.load(files)


@pytest.fixture
def by_root(root: Authority, tmp_path: Path) -> TimeAuthority:
    return believed(tmp_path, root.pem())


def refused(authority: TimeAuthority, token: Token | bytes, data: bytes = DATA) -> None:
    answer = token if isinstance(token, bytes) else token.to_bytes()
    with pytest.raises(TimestampInvalid) as caught:
        authority.time_of(answer, data)
    assert caught.value.exit_code == 5


def test_a_request_holds_a_hash_and_a_new_nonce(request_: Request) -> None:
    import hashlib

    digest, nonce = request_parts(request_.body)
    assert digest == hashlib.sha256(DATA).digest()
    assert int.from_bytes(nonce[2:], "big") == request_.nonce
    assert make_request(DATA).nonce != request_.nonce
    assert len(request_.body) < 80
    assert DATA not in request_.body


@pytest.mark.parametrize("whole", [True, False])
def test_an_honest_token_is_believed(
    stamper: Authority, token: Token, request_: Request, tmp_path: Path, whole: bool
) -> None:
    authority = believed(tmp_path, stamper.pem(whole=whole))
    assert authority.time_of(token.to_bytes(), DATA, request_.nonce) == NOW
    der = tmp_path / "root.der"
    der.write_bytes(stamper.root.public_bytes(Encoding.DER))
    assert TimeAuthority.load([der]).time_of(token.to_bytes(), DATA) == NOW


def test_certificates_may_stay_out_of_the_token(
    stamper: Authority, token: Token, by_root: TimeAuthority, tmp_path: Path
) -> None:
    bare = token.but(embedded=())
    assert believed(tmp_path, stamper.pem()).time_of(bare.to_bytes(), DATA) == NOW
    refused(by_root, bare)


def test_certificates_may_stand_in_any_order(token: Token, by_root: TimeAuthority) -> None:
    disorderly = token.but(disorder=True)
    assert disorderly.to_bytes() != token.to_bytes()
    assert by_root.time_of(disorderly.to_bytes(), DATA) == NOW
    refused(by_root, disorderly, b"another checkpoint\n")


def test_a_token_of_other_bytes_or_for_another_request(
    by_root: TimeAuthority, token: Token, request_: Request
) -> None:
    refused(by_root, token, b"another checkpoint\n")
    with pytest.raises(TimestampInvalid):
        by_root.time_of(token.to_bytes(), DATA, request_.nonce + 1)
    with pytest.raises(TimestampInvalid):
        by_root.time_of(token.but(nonce=b"").to_bytes(), DATA, request_.nonce)


def test_a_token_by_others(
    root: Authority, stamper: Authority, token: Token, tmp_path: Path, by_root: TimeAuthority
) -> None:
    stranger = Authority.create()
    refused(believed(tmp_path, stranger.pem()), token)
    # One of the same name, made by nobody.
    forged = Authority.create(by=Authority.create(), name="Stamper", usage=STAMPING)
    refused(by_root, token.but(by=forged))
    # Where the very stamper is given, no other below the same root is believed.
    second = Authority.create(by=root, name="Second", usage=STAMPING)
    assert by_root.time_of(token.but(by=second).to_bytes(), DATA) == NOW
    refused(believed(tmp_path, stamper.pem()), token.but(by=second))
    both = believed(tmp_path, stamper.pem(), second.certificate.public_bytes(Encoding.PEM))
    assert both.time_of(token.but(by=second).to_bytes(), DATA) == NOW
    assert both.time_of(token.to_bytes(), DATA) == NOW


def test_one_who_may_sign_other_things_may_not_stamp(
    root: Authority, token: Token, by_root: TimeAuthority, tmp_path: Path
) -> None:
    web = Authority.create(by=root, usage=(ExtendedKeyUsageOID.SERVER_AUTH,), serial=77, name="W")
    for other in (
        web,
        Authority.create(by=root, name="None", usage=None),
        Authority.create(by=root, name="Not critical", usage=STAMPING, critical=False),
    ):
        refused(by_root, token.but(by=other))
        refused(believed(tmp_path, other.pem()), token.but(by=other))
    # Nor with a made-up twin of its certificate, which may, beside it.
    twins = tuple(
        Authority.create(by=Authority.create(), name="W", serial=77, usage=STAMPING).certificate
        for _ in range(4)
    )
    refused(by_root, token.but(by=web, embedded=(web.certificate, *twins)))
    refused(by_root, token.but(by=web, embedded=twins))


def test_a_certificate_counts_at_the_time_of_the_stamp(root: Authority, token: Token) -> None:
    authority = TimeAuthority((root.certificate,))
    over = Authority.create(by=root, name="Over", usage=STAMPING, ends=NOW - timedelta(days=1))
    refused(authority, token.but(by=over))
    then = NOW - timedelta(days=2)
    assert authority.time_of(token.but(by=over, at=then).to_bytes(), DATA) == then
    refused(authority, token.but(at=NOW + timedelta(days=900)))
    later = Authority.create(by=root, name="Later", usage=STAMPING, begins=NOW + timedelta(days=1))
    refused(authority, token.but(by=later))


def test_a_token_that_is_not_granted_or_not_whole(by_root: TimeAuthority, token: Token) -> None:
    for wrong in (
        token.but(status=1),
        token.but(status=2),
        token.but(status=99),
        token.but(signers=0),
        token.but(signers=2),
        token.but(extra=b"\0"),
        token.but(imprint="1.3.14.3.2.26"),
        b"",
        b"\x30\x00",
        b"-----BEGIN",
        token.to_bytes()[:-1],
        token.to_bytes() + bytes(MAX_TOKEN_BYTES),
    ):
        refused(by_root, wrong)
    with pytest.raises(TimestampInvalid):
        imprint(token.but(imprint="1.3.14.3.2.26").to_bytes())


def test_what_is_signed_can_not_be_altered(by_root: TimeAuthority, token: Token) -> None:
    whole, info = token.to_bytes(), token.info()
    at = whole.index(info)
    for place in range(at, at + len(info)):
        for bit in (0x01, 0x80):
            changed = bytearray(whole)
            changed[place] ^= bit
            refused(by_root, bytes(changed))


@given(st.data())
def test_hostile_tokens_raise_one_error(token: Token, root: Authority, data: st.DataObject) -> None:
    raw = bytearray(token.to_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        if not raw:
            break
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    authority = TimeAuthority((root.certificate,))
    with suppress(TimestampInvalid):
        # Not all of a token is signed: what does verify says the same.
        assert authority.time_of(bytes(raw), DATA) == NOW
    with suppress(TimestampInvalid):
        imprint(bytes(raw))


@given(st.binary(max_size=300))
def test_rubbish_is_no_token_and_no_certificate(root: Authority, data: bytes) -> None:
    refused(TimeAuthority((root.certificate,)), data)


@pytest.mark.parametrize(
    "data", [b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_certificates_that_are_none(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TimestampInvalid):
        believed(tmp_path, data)
    with pytest.raises(TimestampInvalid):
        TimeAuthority.load([tmp_path / "none"])


def test_without_a_root_nothing_is_believed(stamper: Authority, tmp_path: Path) -> None:
    with pytest.raises(TimestampInvalid) as caught:
        believed(tmp_path, stamper.certificate.public_bytes(Encoding.PEM))
    assert "root" in caught.value.hint


def test_without_the_extra_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, root: Authority, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "rfc3161_client", None)
    for act in (
        lambda: make_request(DATA),
        lambda: believed(tmp_path, root.pem()),
        lambda: TimeAuthority((root.certificate,)).time_of(b"", DATA),
    ):
        with pytest.raises(TimestampUnavailable) as caught:
            act()
        assert "crowdlens[timestamp]" in caught.value.hint


def test_a_time_is_utc_and_whole_seconds(token: Token, root: Authority) -> None:
    time = TimeAuthority((root.certificate,)).time_of(token.to_bytes(), DATA)
    assert time == datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)
    assert time.utcoffset() == timedelta()


class _Served(HTTPServer):
    answer: tuple[int, bytes] = (200, b"")
    asked: bytes = b""
    kind: str = ""


class _Handler(BaseHTTPRequestHandler):
    server: _Served

    def do_POST(self) -> None:
        self.server.asked = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.kind = self.headers["Content-Type"]
        status, body = self.server.answer
        self.send_response(status)
        self.send_header("Location", "http://elsewhere.invalid/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture
def served() -> Iterator[_Served]:
    with _Served(("127.0.0.1", 0), _Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_an_authority_is_asked_over_http(served: _Served, request_: Request) -> None:
    url = f"http://127.0.0.1:{served.server_port}/tsr"
    served.answer = (200, b"whatever")
    assert fetch(url, request_) == b"whatever"
    assert served.asked == request_.body
    assert served.kind == "application/timestamp-query"
    for status in (302, 404, 500):
        served.answer = (status, b"")
        with pytest.raises(TimestampUnavailable):
            fetch(url, request_)


@pytest.mark.parametrize(
    "url",
    ["", "ftp://h/", "file:///etc/passwd", "http://u:p@h/", "http://h/\r\nX: y", "http://h:0/"],
)
def test_addresses_that_are_none(url: str, request_: Request) -> None:
    with pytest.raises(AuditError):
        fetch(url, request_)
