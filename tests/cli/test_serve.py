import signal
import socket
import subprocess
from pathlib import Path

import pytest
import requests

from tests.processes import Installation

pytestmark = pytest.mark.slow


def test_health_answers_without_a_key_while_the_models_load(earshot: Installation) -> None:
    server = earshot.serve()
    assert server.health()["status"] == "ok"
    server.await_ready()
    assert server.health() == {"status": "ok", "models": "ready"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_and_its_worker(earshot: Installation, number: int) -> None:
    server = earshot.serve()
    server.await_ready()
    children = server.children()
    assert children
    assert server.end(number) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert "Traceback" not in server.log


def test_a_server_that_is_ended_before_its_worker_is_up_ends_too(earshot: Installation) -> None:
    server = earshot.serve()
    assert server.end() == 0
    assert "Traceback" not in server.log


def test_a_port_in_use_ends_with_4_and_leaves_no_key(earshot: Installation) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = earshot.run("serve", "--port", port)
    assert done.returncode == 4
    assert f"cannot listen on 127.0.0.1 port {port}" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (earshot.data / "first-key").exists()


def test_tls_takes_the_port_over(earshot: Installation) -> None:
    server = earshot.serve("--tls", "--role", "api")
    assert len(server.urls) == 1
    assert server.url.startswith("https://127.0.0.1:")
    ca_path = earshot.data / "certificates" / "ca.pem"
    for variable in ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"):
        assert f"{variable}={ca_path}" in server.output
    assert server.health(str(ca_path))["status"] == "ok"
    with pytest.raises(requests.exceptions.SSLError):
        server.health()


def test_a_tls_port_comes_beside_plain_http(earshot: Installation) -> None:
    server = earshot.serve("--tls-port", "0", "--role", "api")
    plain, encrypted = server.urls
    assert plain.startswith("http://")
    assert encrypted.startswith("https://")


@pytest.mark.parametrize(
    "options", [["--keyfile", "k.pem"], ["--certfile", "/no/such.pem"], ["--port", "99999"]]
)
def test_options_that_cannot_work_end_with_4(earshot: Installation, options: list[str]) -> None:
    done = earshot.run("serve", *options)
    assert done.returncode == 4
    assert done.stderr.startswith("earshot: ")


def test_one_s_own_certificate_is_used(earshot: Installation, tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"]
    try:
        subprocess.run(
            [*openssl, *names, "-keyout", str(key), "-out", str(certificate)],
            check=True,
            capture_output=True,
        )
    except FileNotFoundError:
        pytest.skip("there is no openssl on this machine")
    options = ["--certfile", str(certificate), "--keyfile", str(key)]
    server = earshot.serve(*options, "--role", "api")
    assert server.health(str(certificate))["status"] == "ok"
