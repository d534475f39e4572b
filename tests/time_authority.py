"""A time-stamp authority (RFC 3161) for tests: certificates and tokens, right or wrong as asked.

Tokens are CMS SignedData (RFC 5652) put together from DER by hand, so that each part can be made
wrong on its own, and so that neither the library that verifies nor OpenSSL has a hand in it.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)
STAMPING = (ExtendedKeyUsageOID.TIME_STAMPING,)
_SHA256, _RSA = "2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.1"
_SIGNED_DATA, _TST_INFO = "1.2.840.113549.1.7.2", "1.2.840.113549.1.9.16.1.4"
_CONTENT_TYPE, _DIGEST, _SIGNING_TIME, _SIGNING_CERTIFICATE = (
    "1.2.840.113549.1.9.3",
    "1.2.840.113549.1.9.4",
    "1.2.840.113549.1.9.5",
    "1.2.840.113549.1.9.16.2.47",
)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


def tlv(tag: int, *parts: bytes) -> bytes:
    """Return a DER value."""
    inside = b"".join(parts)
    length = len(inside)
    if length < 128:
        return bytes([tag, length]) + inside
    digits = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(digits)]) + digits + inside


def sequence(*parts: bytes) -> bytes:
    return tlv(0x30, *parts)


def set_of(*parts: bytes) -> bytes:
    return tlv(0x31, *sorted(parts))


def integer(value: int) -> bytes:
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    first, second, *rest = map(int, dotted.split("."))
    out = b""
    for arc in (first * 40 + second, *rest):
        digits = [arc & 0x7F]
        while arc := arc >> 7:
            digits.append(0x80 | arc & 0x7F)
        out += bytes(reversed(digits))
    return tlv(0x06, out)


def algorithm(dotted: str) -> bytes:
    return sequence(oid(dotted), tlv(0x05))


def request_parts(request: bytes) -> tuple[bytes, bytes]:
    """Return the digest and the nonce (DER) of a request as Crowdlens makes them."""
    at = request.index(tlv(0x04, bytes(32))[:2]) + 2
    digest = request[at : at + 32]
    rest = request[at + 32 :]
    return digest, rest[: 2 + rest[1]]


@dataclass(frozen=True)
class Authority:
    """A key and its certificate, and the certificates above it."""

    key: Key
    certificate: x509.Certificate
    above: tuple[x509.Certificate, ...] = ()

    @property
    def root(self) -> x509.Certificate:
        return self.above[-1] if self.above else self.certificate

    @classmethod
    def create(
        cls,
        *,
        by: "Authority | None" = None,
        name: str = "Test root",
        usage: tuple[x509.ObjectIdentifier, ...] | None = None,
        critical: bool = True,
        begins: datetime = NOW - timedelta(days=300),
        ends: datetime = NOW + timedelta(days=300),
        serial: int | None = None,
        ca: bool = False,
    ) -> "Authority":
        """Make a certificate: a root of its own, or one issued by another authority."""
        key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        built = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(by.certificate.subject if by else subject)
            .public_key(key.public_key())
            .serial_number(serial or x509.random_serial_number())
            .not_valid_before(begins)
            .not_valid_after(ends)
            .add_extension(x509.BasicConstraints(ca or by is None, None), critical=True)
        )
        if usage is not None:
            built = built.add_extension(x509.ExtendedKeyUsage(usage), critical=critical)
        certificate = built.sign(by.key if by else key, hashes.SHA256())
        return cls(key, certificate, (by.certificate, *by.above) if by else ())

    def pem(self, *, whole: bool = True) -> bytes:
        """Return what an auditor would be given: the certificate and what leads to its root."""
        chain = (self.certificate, *self.above) if whole else (self.root,)
        return b"".join(c.public_bytes(Encoding.PEM) for c in chain)


@dataclass(frozen=True)
class Token:
    """What a response says; `dataclasses.replace` makes one thing of it wrong."""

    by: Authority
    digest: bytes
    """SHA-256 of what is stamped."""
    at: datetime = NOW
    nonce: bytes = b""
    """As DER, empty for none."""
    status: int = 0
    embedded: tuple[x509.Certificate, ...] | None = None
    """The certificates in the token; None for those of the authority."""
    imprint: str = _SHA256
    disorder: bool = False
    """Whether the certificates stand in another order than DER's, as with many authorities."""
    signers: int = 1
    extra: bytes = field(default=b"", repr=False)
    """Bytes put after the response."""

    @classmethod
    def answer(cls, by: Authority, request: bytes, at: datetime = NOW) -> "Token":
        """Return the answer that an honest authority gives to a request."""
        digest, nonce = request_parts(request)
        return cls(by, digest, at, nonce)

    def but(self, **changes: object) -> "Token":
        return replace(self, **changes)  # type: ignore[arg-type]

    def info(self) -> bytes:
        """Return the TSTInfo that is signed."""
        imprint = sequence(algorithm(self.imprint), tlv(0x04, self.digest))
        time = tlv(0x18, self.at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())
        return sequence(integer(1), oid("1.2.3.4.1"), imprint, integer(4242), time, self.nonce)

    def signer(self) -> bytes:
        certificate = self.by.certificate
        whole = certificate.public_bytes(Encoding.DER)
        certified = sequence(sequence(sequence(tlv(0x04, hashlib.sha256(whole).digest()))))
        attributes = [
            sequence(oid(_CONTENT_TYPE), set_of(oid(_TST_INFO))),
            sequence(oid(_DIGEST), set_of(tlv(0x04, hashlib.sha256(self.info()).digest()))),
            sequence(oid(_SIGNING_CERTIFICATE), set_of(certified)),
        ]
        assert isinstance(self.by.key, rsa.RSAPrivateKey)
        signature = self.by.key.sign(set_of(*attributes), PKCS1v15(), hashes.SHA256())
        return sequence(
            integer(1),
            sequence(certificate.issuer.public_bytes(), integer(certificate.serial_number)),
            algorithm(_SHA256),
            tlv(0xA0, *sorted(attributes)),
            algorithm(_RSA),
            tlv(0x04, signature),
        )

    def to_bytes(self) -> bytes:
        """Return the response (TimeStampResp)."""
        status = sequence(integer(self.status))
        if self.status > 1:
            return sequence(status) + self.extra
        embedded = (self.by.certificate, *self.by.above) if self.embedded is None else self.embedded
        content = sequence(oid(_TST_INFO), tlv(0xA0, tlv(0x04, self.info())))
        ders = sorted((c.public_bytes(Encoding.DER) for c in embedded), reverse=self.disorder)
        signed = sequence(
            integer(3),
            set_of(algorithm(_SHA256)),
            content,
            tlv(0xA0, *ders) if ders else b"",
            tlv(0x31, *[self.signer()] * self.signers),
        )
        token = sequence(oid(_SIGNED_DATA), tlv(0xA0, signed))
        return sequence(status, token) + self.extra
