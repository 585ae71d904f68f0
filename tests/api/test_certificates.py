import shutil
import socket
import ssl
import stat
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context
from pathlib import Path

import pytest
from cryptography import x509

from earshot.api.certificates import (
    AUTHORITY_KEY_FILE,
    SERVER_LIFETIME,
    LocalCertificates,
    ensure_local_certificates,
    explain_trust,
)
from earshot.errors import SettingsInvalid

NOW = datetime.now(UTC).replace(microsecond=0)


def load(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def names(path: Path) -> set[str]:
    extension = load(path).extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return {str(name.value) for name in extension.value}


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def handshake(certificates: LocalCertificates, server_name: str) -> None:
    """What a strict client does with the server's certificate, in memory."""
    server_side = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server_side.load_cert_chain(certificates.cert_path, certificates.key_path)
    client_side = ssl.create_default_context(cafile=certificates.ca_path)
    client_side.verify_flags |= ssl.VERIFY_X509_STRICT
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_side.wrap_bio(to_client, to_server, server_hostname=server_name)
    server = server_side.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1", "speech.example", "10.0.0.7"])
def test_a_client_that_trusts_the_authority_accepts_every_name(tmp_path: Path, name: str) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", ["speech.example", "10.0.0.7"], NOW)

    handshake(certificates, name)


def test_a_client_refuses_a_name_that_the_certificate_does_not_hold(tmp_path: Path) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", [], NOW)

    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(certificates, "other.example")


def test_the_names_are_localhost_this_machine_and_the_hosts_given(tmp_path: Path) -> None:
    hosts = ["Speech.Example.", "[::1]", "0.0.0.0", "::", "bücher.example"]

    certificates = ensure_local_certificates(tmp_path / "tls", hosts, NOW)

    found = names(certificates.cert_path)
    assert {"localhost", "127.0.0.1", "::1", "speech.example"} <= found
    assert "xn--bcher-kva.example" in found
    assert socket.gethostname().lower() in found
    assert not {"0.0.0.0", "::"} & found


def test_the_authority_may_sign_and_the_server_may_only_serve(tmp_path: Path) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", [], NOW)
    authority, server = load(certificates.ca_path), load(certificates.cert_path)

    constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert constraints == x509.BasicConstraints(ca=True, path_length=0)
    server.verify_directly_issued_by(authority)
    assert not server.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    assert authority.not_valid_after_utc - NOW > timedelta(days=3600)
    assert server.not_valid_after_utc - server.not_valid_before_utc == SERVER_LIFETIME
    assert server.not_valid_before_utc < NOW


def test_calling_again_changes_nothing(tmp_path: Path) -> None:
    ensure_local_certificates(tmp_path / "tls", ["a.example"], NOW)
    before = contents(tmp_path / "tls")

    ensure_local_certificates(tmp_path / "tls", ["a.example"], NOW + timedelta(days=300))

    assert contents(tmp_path / "tls") == before
    assert [path.name for path in tmp_path.iterdir()] == ["tls"]


@pytest.mark.skipif(sys.platform == "win32", reason="files have no such modes there")
def test_only_the_owner_reads_the_keys_and_everybody_the_authority(tmp_path: Path) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", [], NOW)
    ensure_local_certificates(tmp_path / "tls", ["renewed.example"], NOW)

    for key in (certificates.key_path, tmp_path / "tls" / AUTHORITY_KEY_FILE):
        assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert certificates.ca_path.stat().st_mode & 0o044 == 0o044
    assert (tmp_path / "tls").stat().st_mode & 0o055 == 0o055


@pytest.mark.parametrize("later", [timedelta(days=370), timedelta(days=500)])
def test_a_server_certificate_near_its_end_is_renewed_under_the_same_authority(
    tmp_path: Path, later: timedelta
) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", [], NOW)
    before = contents(tmp_path / "tls")

    ensure_local_certificates(tmp_path / "tls", [], NOW + later)

    after = contents(tmp_path / "tls")
    assert {name for name in after if after[name] != before[name]} == {"server.pem"}
    assert load(certificates.cert_path).not_valid_after_utc > NOW + later + timedelta(days=390)


def test_other_names_make_another_certificate_under_the_same_authority(tmp_path: Path) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", ["a.example"], NOW)
    before = contents(tmp_path / "tls")

    ensure_local_certificates(tmp_path / "tls", ["b.example"], NOW)

    after = contents(tmp_path / "tls")
    assert {name for name in after if after[name] != before[name]} == {"server.pem"}
    assert "b.example" in names(certificates.cert_path)
    assert "a.example" not in names(certificates.cert_path)
    handshake(certificates, "b.example")


def test_an_authority_near_its_end_is_renewed_with_its_key(tmp_path: Path) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", [], NOW)
    old = load(certificates.ca_path)

    ensure_local_certificates(tmp_path / "tls", [], NOW + timedelta(days=3400))

    new = load(certificates.ca_path)
    assert new.not_valid_after_utc > old.not_valid_after_utc
    assert new.public_key() == old.public_key()
    load(certificates.cert_path).verify_directly_issued_by(new)


def test_a_certificate_of_another_key_is_replaced(tmp_path: Path) -> None:
    ours = ensure_local_certificates(tmp_path / "ours", [], NOW)
    others = ensure_local_certificates(tmp_path / "others", [], NOW)
    shutil.copy(others.cert_path, ours.cert_path)

    handshake(ensure_local_certificates(tmp_path / "ours", [], NOW), "localhost")


@pytest.mark.parametrize("name", ["server.pem", "ca.pem"])
def test_a_damaged_certificate_is_made_anew(tmp_path: Path, name: str) -> None:
    ensure_local_certificates(tmp_path / "tls", [], NOW)
    (tmp_path / "tls" / name).write_text("damaged")

    handshake(ensure_local_certificates(tmp_path / "tls", [], NOW), "localhost")


@pytest.mark.parametrize("name", ["server-key.pem", "ca-key.pem"])
def test_a_lost_key_is_told_with_what_to_do(tmp_path: Path, name: str) -> None:
    ensure_local_certificates(tmp_path / "tls", [], NOW)
    (tmp_path / "tls" / name).unlink()

    with pytest.raises(SettingsInvalid, match="remove that folder"):
        ensure_local_certificates(tmp_path / "tls", [], NOW)


@pytest.mark.parametrize("host", ["", "a" * 64 + ".example", "a..example"])
def test_a_host_that_no_certificate_can_name_is_named(tmp_path: Path, host: str) -> None:
    with pytest.raises(SettingsInvalid, match="no certificate can name"):
        ensure_local_certificates(tmp_path / "tls", [host], NOW)


def make_in_a_process(folder: Path) -> tuple[bytes, bytes]:
    certificates = ensure_local_certificates(folder, ["a.example"], NOW)
    handshake(certificates, "a.example")
    return certificates.ca_path.read_bytes(), certificates.cert_path.read_bytes()


@pytest.mark.slow
def test_processes_that_start_at_once_share_one_authority(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("spawn")) as processes:
        made = list(processes.map(make_in_a_process, [tmp_path / "deep" / "tls"] * 8))

    assert len(set(made)) == 1
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["tls"]


def test_every_kind_of_client_is_told_its_variable(tmp_path: Path) -> None:
    text = explain_trust(tmp_path / "ca.pem")

    for variable in (
        "SSL_CERT_FILE",
        "REQUESTS_CA_BUNDLE",
        "NODE_EXTRA_CA_CERTS",
        "CURL_CA_BUNDLE",
    ):
        assert f"export {variable}={tmp_path / 'ca.pem'}" in text
    assert f"--cacert {tmp_path / 'ca.pem'}" in text
