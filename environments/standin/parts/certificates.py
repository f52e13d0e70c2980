"""The stand-in's own certificate authority and the certificates it signs, made new at each start."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from environments.standin.groups import CORE
from environments.standin.parts.privilege import give
from environments.standin.site import PUBLIC_HOSTS, Site


@dataclass(frozen=True)
class Certificate:
    """One server certificate to be issued: `<name>.pem` and `<name>.key`."""

    name: str
    hosts: tuple[str, ...]
    days: int = 90


# The last two are for faults: they lie ready and nobody uses them.
ISSUED = (
    Certificate("front-door", PUBLIC_HOSTS),
    Certificate("database", ("localhost", "127.0.0.1")),
    Certificate("expiring", PUBLIC_HOSTS, days=10),
    Certificate("other-name", ("www.elsewhere.localhost",)),
)


@dataclass
class Certificates:
    """The part of the stack that makes them; it has no process."""

    site: Site
    name: str = "certificates"
    needs: tuple[str, ...] = ()
    group: str = CORE

    async def start(self) -> str:
        folder = self.site.ca_file.parent
        folder.mkdir(exist_ok=True)
        make(folder, ISSUED)
        give(folder)
        return "certificate authority"

    async def stop(self) -> None:
        """Nothing runs."""

    def signal(self, signal_number: int) -> None:
        """Nobody hears."""


def make(folder: Path, issued: Sequence[Certificate]) -> None:
    """Write `ca.pem` and what it signs; the authority's key is kept by nobody."""
    key = ec.generate_private_key(ec.SECP256R1())
    authority = self_signed(key)
    write(folder / "ca.pem", authority.public_bytes(serialization.Encoding.PEM))
    for certificate in issued:
        issue(folder, certificate, authority, key)


def self_signed(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    """The authority: may sign, and nothing else."""
    name = common_name("MS5.0 stand-in authority")
    usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
    builder = valid_for(x509.CertificateBuilder(), 365).subject_name(name).issuer_name(name)
    builder = builder.public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(usage, critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    return builder.sign(key, hashes.SHA256())


def issue(folder: Path, wanted: Certificate, authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey) -> None:
    """One server certificate and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = valid_for(x509.CertificateBuilder(), wanted.days).subject_name(common_name(wanted.hosts[0]))
    builder = builder.issuer_name(authority.subject).public_key(key.public_key())
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    names = x509.SubjectAlternativeName([alternative(host) for host in wanted.hosts])
    builder = builder.add_extension(names, critical=False)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
    )
    signed = builder.sign(signer, hashes.SHA256())
    write(folder / f"{wanted.name}.pem", signed.public_bytes(serialization.Encoding.PEM))
    write(folder / f"{wanted.name}.key", private_pem(key), mode=0o600)


def valid_for(builder: x509.CertificateBuilder, days: int) -> x509.CertificateBuilder:
    """Valid since an hour ago (clocks differ) for `days` from now."""
    now = datetime.now(UTC)
    builder = builder.serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - timedelta(hours=1)).not_valid_after(now + timedelta(days=days))


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def alternative(host: str) -> x509.GeneralName:
    """A host as a subject alternative name: an address, or a DNS name."""
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def private_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def write(path: Path, content: bytes, mode: int = 0o644) -> None:
    path.touch(mode=mode)
    path.write_bytes(content)
