"""Time stamps by a third party (RFC 3161): asking for one, and whether it is to be believed.

An authority signs a hash and the time. That proves that what was hashed existed before that time;
it never proves that a log is the newest or the only one, for an authority remembers nothing.

The library (`rfc3161-client`, the extra `crowdlens[timestamp]`) has no network. Whatever is wrong
with an answer, with a certificate, or in the library raises `TimestampInvalid` and nothing else.
"""

import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from audit.durable import read_bytes
from audit.errors import TimestampInvalid, TimestampUnavailable

if TYPE_CHECKING:
    from rfc3161_client import TimeStampResponse

MAX_TOKEN_BYTES = 64 * 1024
_MAX_CERTIFICATES = 32
_CERTIFICATES = 0xA0
"""The tag of the certificates in SignedData (RFC 5652 section 5.1)."""
_SHA2 = {
    "2.16.840.1.101.3.4.2.1": "sha256",
    "2.16.840.1.101.3.4.2.2": "sha384",
    "2.16.840.1.101.3.4.2.3": "sha512",
}


@dataclass(frozen=True)
class Request:
    """A request for a time stamp."""

    body: bytes
    """The DER bytes to send (media type `application/timestamp-query`)."""
    nonce: int
    """What the answer must repeat."""


def make_request(data: bytes) -> Request:
    """Return a request over the SHA-256 of the data, with a nonce, asking for certificates.

    Raises `TimestampUnavailable` where the extra is not installed.
    """
    library = _library()
    builder = library.TimestampRequestBuilder().data(data)
    built = builder.hash_algorithm(library.HashAlgorithm.SHA256).build()
    return Request(built.as_bytes(), built.nonce)


@dataclass(frozen=True)
class TimeAuthority:
    """The authorities that an auditor believes, by certificates that come from the auditor.

    INVARIANT: none of them is ever taken from the log or from a token.
    """

    roots: tuple[x509.Certificate, ...]
    """Certificates that signed themselves; every chain must end in one."""
    stampers: tuple[x509.Certificate, ...] = ()
    """Where any is given, one of these must have signed: no other below the same root may."""
    between: tuple[x509.Certificate, ...] = ()

    @classmethod
    def load(cls, files: Iterable[Path]) -> Self:
        """Read certificates, PEM (one or many) or DER; raises `TimestampInvalid`.

        Raises `TimestampUnavailable` where the extra is not installed.
        """
        _library()
        found: list[x509.Certificate] = []
        for file in files:
            found += _certificates(read_bytes(file))
        roots = tuple(c for c in found if _signed_itself(c))
        if not roots:
            raise TimestampInvalid(
                "no certificate given is a root, so no time stamp can be believed",
                hint="Give the authority's certificate with those above it, up to the root.",
            )
        others = [c for c in found if c not in roots]
        stampers = tuple(c for c in others if _stamps(c))
        return cls(roots, stampers, tuple(c for c in others if c not in stampers))

    def time_of(self, token: bytes, data: bytes, nonce: int | None = None) -> datetime:
        """Return the UTC time before which the data existed; raises `TimestampInvalid`.

        That is the time in the token and, where it states how exact it is, that much later. With a
        nonce, the token must be the answer to the very request that had it.
        """
        with _believing():
            answer = _decode(token)
            for stamper in self.stampers or (None,):
                try:
                    self._verifier(stamper, nonce).verify_message(answer, data)
                    break
                except _library().VerificationError:
                    if stamper is (self.stampers or (None,))[-1]:
                        raise
            info = answer.tst_info
            stated = info.accuracy
            late = (
                timedelta(
                    seconds=stated.seconds or 0,
                    milliseconds=stated.millis or 0,
                    microseconds=stated.micros or 0,
                )
                if stated is not None
                else timedelta()
            )
            # Whole seconds, and never earlier than what was signed.
            time = info.gen_time.astimezone(UTC) + late
            return time + timedelta(microseconds=-time.microsecond % 1_000_000)

    def _verifier(self, stamper: x509.Certificate | None, nonce: int | None) -> Any:
        return (
            _library()
            .VerifierBuilder(
                roots=list(self.roots),
                intermediates=list(self.between),
                tsa_certificate=stamper,
                nonce=nonce,
            )
            .build()
        )


def imprint(token: bytes) -> tuple[str, bytes]:
    """Return what a token claims to stamp: the hash's name in `hashlib`, and the digest.

    Believe nothing of it: this finds what was stamped. Raises `TimestampInvalid`.
    """
    with _believing():
        stamped = _decode(token).tst_info.message_imprint
        name = _SHA2.get(stamped.hash_algorithm.dotted_string)
        if name is None:
            raise TimestampInvalid("a time stamp over another hash than SHA-2")
        return name, bytes(stamped.message)


def _decode(token: bytes) -> "TimeStampResponse":
    if len(token) > MAX_TOKEN_BYTES:
        raise TimestampInvalid("a time stamp that is too long")
    answer = _library().decode_timestamp_response(_in_order(token))
    if answer.status != 0:
        raise TimestampInvalid("the time-stamp authority did not grant the request")
    return answer  # type: ignore[no-any-return]


def _in_order(token: bytes) -> bytes:
    """Return the token with its certificates in the order that DER asks of a set.

    Many authorities leave them in another, which the library does not read. Nothing signs that
    order, and no byte is added or taken away; what has another shape is returned as it is.
    """
    try:
        # TimeStampResp, its second item; ContentInfo, its second; [0]; SignedData.
        start, end = _inside(token, 0)
        start, end = _inside(token, _items(token, start, end)[1][0])
        start, end = _inside(token, _items(token, start, end)[1][0])
        start, end = _inside(token, start)
        certificates = _items(token, start, end)[3][0]
        if token[certificates] != _CERTIFICATES:
            return token
        start, end = _inside(token, certificates)
        items = sorted(token[a:b] for a, b in _items(token, start, end))
    except (IndexError, ValueError):
        return token
    return token[:start] + b"".join(items) + token[end:]


def _items(data: bytes, start: int, end: int) -> list[tuple[int, int]]:
    """Return where each DER value between two places begins and ends."""
    found = []
    while start < end:
        found.append((start, _inside(data, start)[1]))
        start = found[-1][1]
    if start != end:
        raise ValueError("values that do not fill their place")
    return found


def _inside(data: bytes, at: int) -> tuple[int, int]:
    """Return where the content of the DER value at a place begins and ends."""
    length, start = data[at + 1], at + 2
    if length >= 0x80:
        digits = length & 0x7F
        length, start = int.from_bytes(data[start : start + digits], "big"), start + digits
    if start + length > len(data):
        raise ValueError("a value that is cut off")
    return start, start + length


def _library() -> Any:
    try:
        import rfc3161_client  # noqa: PLC0415 an extra, needed for time stamps alone
    except ImportError as error:
        raise TimestampUnavailable(
            "time stamps need an extra that is not installed",
            hint="Install it: pip install 'crowdlens[timestamp]'",
        ) from error
    return rfc3161_client


@contextmanager
def _believing() -> Iterator[None]:
    """Turn whatever the library says of a hostile token into `TimestampInvalid`."""
    try:
        with warnings.catch_warnings():
            # A certificate that `cryptography` only warns of is none to believe.
            warnings.simplefilter("error")
            yield
    except (TimestampInvalid, TimestampUnavailable, KeyboardInterrupt, SystemExit, MemoryError):
        raise
    except BaseException as error:  # a panic in its Rust code is no Exception
        raise TimestampInvalid(
            "a time stamp does not verify: it was altered, is of other bytes, or is not by an "
            "authority whose certificate was given"
        ) from error


def _certificates(data: bytes | None) -> list[x509.Certificate]:
    if data is None:
        raise TimestampInvalid("there is no certificate at the path given for the authority")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            if b"-----BEGIN" in data:
                found = x509.load_pem_x509_certificates(data)
            else:
                found = [x509.load_der_x509_certificate(data)]
            for certificate in found:
                certificate.extensions  # noqa: B018 parsed on first use
    except (ValueError, TypeError, Warning, x509.InvalidVersion) as error:
        raise TimestampInvalid("the certificate given for the authority does not parse") from error
    if len(found) > _MAX_CERTIFICATES:
        raise TimestampInvalid("more certificates are given for the authority than any chain has")
    return found


def _signed_itself(certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(certificate)
    except Exception:  # an unknown algorithm, another issuer, a wrong signature
        return False
    return True


def _stamps(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        basic = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value
    except x509.ExtensionNotFound as missing:
        return missing.oid == x509.BasicConstraints.oid
    return ExtendedKeyUsageOID.TIME_STAMPING in usage and not basic.ca
