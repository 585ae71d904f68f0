"""`earshot serve`: HTTP in this process, and a supervised worker beside it."""

import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from earshot.api.certificates import ensure_local_certificates, explain_trust
from earshot.api.listening import ListenOptions
from earshot.api.server import serve_app
from earshot.cli.first_key import offer_first_key
from earshot.cli.logs import start_logging
from earshot.cli.options import ConfigOption, DataOption
from earshot.cli.supervisor import WorkerSupervisor
from earshot.errors import SettingsInvalid
from earshot.jobs.queue import JobQueue
from earshot.settings import Settings, load_settings
from earshot.transcript.clock import utc_now
from earshot.wiring.api import build_api
from earshot.wiring.records import open_records


class Role(StrEnum):
    """What this process does: everything, or HTTP alone while `earshot work` runs elsewhere."""

    ALL = "all"
    API = "api"


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on (EARSHOT_HOST); default: 127.0.0.1.")
    ] = None,
    port: Annotated[
        int | None,
        typer.Option(help="Port to listen on (EARSHOT_PORT); 0 takes a free one; default: 8000."),
    ] = None,
    data: DataOption = None,
    config: ConfigOption = None,
    role: Annotated[
        Role,
        typer.Option(help="all: HTTP and a worker; api: HTTP only, with `earshot work` elsewhere."),
    ] = Role.ALL,
    tls: Annotated[
        bool,
        typer.Option(
            "--tls", help="Speak https and wss on the port, with a certificate made here."
        ),
    ] = False,
    tls_port: Annotated[
        int | None, typer.Option(help="Speak https and wss on this port beside plain http.")
    ] = None,
    certfile: Annotated[Path | None, typer.Option(help="Your own certificate (PEM).")] = None,
    keyfile: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
) -> None:
    """Serve the API on this machine, and transcribe what is submitted.

    Example: `earshot serve --port 8000 --data ./earshot-data`
    """
    settings = load_settings(host=host, port=port, data=data, config=config)
    start_logging(settings)
    records = open_records(settings)
    offer_first_key(records.engine, settings)
    listen = _with_certificate(settings, tls, tls_port, certfile, keyfile)
    jobs = JobQueue(records.engine)
    app = build_api(settings, records, jobs)
    with WorkerSupervisor(settings) as supervisor:

        def begin(urls: list[str]) -> None:
            """What would compete with our own start, and is not needed to answer."""
            _print_urls(urls)
            # The first submit shall not wait for it.
            threading.Thread(target=jobs.warm, name="warm-jobs", daemon=True).start()
            if role is Role.ALL:
                supervisor.start()

        serve_app(app, listen, begin)


def _with_certificate(
    settings: Settings, tls: bool, tls_port: int | None, certfile: Path | None, keyfile: Path | None
) -> ListenOptions:
    """Where to listen and with which certificate; makes the local CA where one is needed."""
    if certfile is None and keyfile is not None:
        raise SettingsInvalid("--keyfile needs --certfile")
    if certfile is None and (tls or tls_port is not None):
        folder = settings.data / "certificates"
        made = ensure_local_certificates(folder, [settings.host], utc_now())
        print(explain_trust(made.ca_path))
        certfile, keyfile = made.cert_path, made.key_path
    return ListenOptions(settings.host, settings.port, tls_port, certfile, keyfile)


def _print_urls(urls: list[str]) -> None:
    for url in urls:
        print(f"Earshot listens on {url}  (docs: {url}/docs, stop: Ctrl-C)", flush=True)


def register(app: typer.Typer) -> None:
    app.command()(serve)
