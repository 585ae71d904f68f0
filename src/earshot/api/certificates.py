"""A local certificate authority, for the clients that refuse to speak without TLS."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from earshot.errors import SettingsInvalid

AUTHORITY_LIFETIME = timedelta(days=3650)
# Apple's clients refuse a server certificate that is valid for longer than 398 days.
SERVER_LIFETIME = timedelta(days=397)
RENEW_BEFORE_EXPIRY = timedelta(days=30)
# Certificates start in the past: the clocks of clients differ from ours.
CLOCK_SKEW = timedelta(days=1)
AUTHORITY_NAME = "Earshot local CA"
ALWAYS_NAMED = ("localhost", "127.0.0.1", "::1")

AUTHORITY_KEY_FILE = "ca-key.pem"
AUTHORITY_FILE = "ca.pem"
SERVER_KEY_FILE = "server-key.pem"
SERVER_FILE = "server.pem"


@dataclass(frozen=True, slots=True)
class LocalCertificates:
    """What a TLS server loads (`cert_path`, `key_path`), and what its clients trust (`ca_path`)."""

    ca_path: Path
    cert_path: Path
    key_path: Path


def ensure_local_certificates(
    folder: Path, hosts: Iterable[str], now: datetime
) -> LocalCertificates:
    """The certificates in the folder, made where they are missing, about to expire or not for us.

    The server's certificate names localhost, this machine and the extra `hosts`. Calling again
    changes nothing until there is a reason to. Several processes may call at once: the keys are
    made once and appear together, and a certificate that two processes renew fits the same key.
    Raises SettingsInvalid for a host that no certificate can name, and for a damaged folder.
    """
    names = _alternative_names(hosts)
    if not (folder / AUTHORITY_KEY_FILE).exists():
        _publish_new_folder(folder, names, now)
    try:
        _renew_where_due(folder, names, now)
    except (OSError, ValueError) as error:
        raise SettingsInvalid(
            f"the certificates in {folder} are incomplete or damaged ({error}); "
            "remove that folder and start again: clients then need its new ca.pem"
        ) from error
    return LocalCertificates(
        ca_path=folder / AUTHORITY_FILE,
        cert_path=folder / SERVER_FILE,
        key_path=folder / SERVER_KEY_FILE,
    )


def explain_trust(ca_path: Path) -> str:
    """Which environment variable makes each client trust the authority, as lines to print."""
    return "\n".join(
        (
            f"Clients must trust {ca_path}. Set, where they run:",
            f"  Python (assemblyai SDK, httpx, websockets)  export SSL_CERT_FILE={ca_path}",
            f"  Python (requests)                           export REQUESTS_CA_BUNDLE={ca_path}",
            f"  Node.js (assemblyai SDK)                    export NODE_EXTRA_CA_CERTS={ca_path}",
            f"  curl                                        export CURL_CA_BUNDLE={ca_path}",
            f"                                              or curl --cacert {ca_path}",
            "NODE_EXTRA_CA_CERTS adds to the public authorities; the others replace them.",
        )
    )


def _publish_new_folder(folder: Path, names: list[x509.GeneralName], now: datetime) -> None:
    """Make everything aside and rename it into place: the first process wins, whole."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))  # mode 0700
    try:
        authority_key = _write_new_key(draft / AUTHORITY_KEY_FILE)
        server_key = _write_new_key(draft / SERVER_KEY_FILE)
        authority = _issue_authority(authority_key, now)
        server = _issue_server(server_key, authority_key, names, now)
        _write_certificate(draft / AUTHORITY_FILE, authority)
        _write_certificate(draft / SERVER_FILE, server)
        draft.chmod(0o755)  # other users of this machine need ca.pem; each key has its own mode
        with suppress(OSError):  # another process was first: its folder is as good
            draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _renew_where_due(folder: Path, names: list[x509.GeneralName], now: datetime) -> None:
    """Issue new certificates for the keys that are there; keys never change."""
    authority_key = _read_key(folder / AUTHORITY_KEY_FILE)
    server_key = _read_key(folder / SERVER_KEY_FILE)
    authority = _read_certificate(folder / AUTHORITY_FILE)
    if authority is None or _expires_within(authority, SERVER_LIFETIME, now):
        _write_certificate(folder / AUTHORITY_FILE, _issue_authority(authority_key, now))
    server = _read_certificate(folder / SERVER_FILE)
    if (
        server is None
        or _expires_within(server, RENEW_BEFORE_EXPIRY, now)
        or set(_names_in(server)) != set(names)
        or server.public_key() != server_key.public_key()
    ):
        renewed = _issue_server(server_key, authority_key, names, now)
        _write_certificate(folder / SERVER_FILE, renewed)


def _alternative_names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    """Everything that the certificate answers to, each once."""
    names = [_alternative_name(host) for host in ALWAYS_NAMED]
    with suppress(ValueError):  # a machine's own name may be one that no certificate can hold
        names.append(_alternative_name(socket.gethostname()))
    for host in hosts:
        try:
            names.append(_alternative_name(host))
        except ValueError as error:
            raise SettingsInvalid(f"no certificate can name the host '{host}'") from error
    return [name for name in dict.fromkeys(names) if not _is_unspecified(name)]


def _alternative_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(host.strip("[]").partition("%")[0]))
    except ValueError:
        name = host.lower().removesuffix(".").encode("idna").decode("ascii")
    if not name:
        raise ValueError("an empty name")
    return x509.DNSName(name)


def _is_unspecified(name: x509.GeneralName) -> bool:
    """Whether it is 0.0.0.0 or ::, which servers listen on and no client connects to."""
    return isinstance(name, x509.IPAddress) and int(ip_address(str(name.value))) == 0


def _issue_authority(key: ec.EllipticCurvePrivateKey, now: datetime) -> x509.Certificate:
    signs_certificates = _key_usage(digital_signature=False, signs_certificates=True)
    return (
        _draft(AUTHORITY_NAME, key.public_key(), AUTHORITY_LIFETIME, now)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(signs_certificates, critical=True)
        .sign(key, hashes.SHA256())
    )


def _issue_server(
    key: ec.EllipticCurvePrivateKey,
    authority_key: ec.EllipticCurvePrivateKey,
    names: list[x509.GeneralName],
    now: datetime,
) -> x509.Certificate:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key())
    return (
        _draft("Earshot", key.public_key(), SERVER_LIFETIME, now)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True, signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(authority, critical=False)
        .sign(authority_key, hashes.SHA256())
    )


def _draft(
    common_name: str, key: ec.EllipticCurvePublicKey, lifetime: timedelta, now: datetime
) -> x509.CertificateBuilder:
    starts = now - CLOCK_SKEW
    return (
        x509.CertificateBuilder()
        .subject_name(_name(common_name))
        .issuer_name(_name(AUTHORITY_NAME))
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(starts)
        .not_valid_after(starts + lifetime)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _name(common_name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def _key_usage(*, digital_signature: bool, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _expires_within(certificate: x509.Certificate, period: timedelta, now: datetime) -> bool:
    return certificate.not_valid_after_utc - now < period


def _names_in(certificate: x509.Certificate) -> list[x509.GeneralName]:
    return list(certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value)


def _write_new_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    _write_file(path, pem, mode=0o600)
    return key


def _write_certificate(path: Path, certificate: x509.Certificate) -> None:
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    draft = path.with_name(f".{path.name}-{os.getpid()}-{certificate.serial_number:x}")
    _write_file(draft, pem, mode=0o644)
    draft.replace(path)


def _write_file(path: Path, content: bytes, *, mode: int) -> None:
    """Write a file that did not exist; it has its mode from its first moment."""
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _read_key(path: Path) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ValueError(f"{path.name} holds a key of another kind")  # noqa: TRY004 - a damaged file, not a wrong call
    return key


def _read_certificate(path: Path) -> x509.Certificate | None:
    """The certificate in the file; None where there is none that can be read."""
    with suppress(OSError, ValueError):
        return x509.load_pem_x509_certificate(path.read_bytes())
    return None
