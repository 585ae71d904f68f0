"""`earshot serve`: HTTP in this process, and a supervised worker beside it."""

import socket
import threading
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from earshot.api.certificates import ensure_local_certificates, explain_trust
from earshot.api.listening import ListenOptions
from earshot.api.live_reaper import SessionReaper
from earshot.api.server import AppServer
from earshot.api.services import ApiServices
from earshot.cli.first_key import offer_first_key
from earshot.cli.logs import start_logging
from earshot.cli.options import ConfigOption, DataOption
from earshot.cli.supervisor import WorkerSupervisor
from earshot.errors import OperatorError, SettingsInvalid
from earshot.jobs.locks import open_locks
from earshot.jobs.queue import JobQueue
from earshot.settings import Settings, load_settings
from earshot.transcript.clock import utc_now
from earshot.wiring.api import build_api
from earshot.wiring.live import LiveHearing, build_live
from earshot.wiring.llm_projects import require_llm_projects
from earshot.wiring.records import open_records
from earshot.wiring.sync import SyncHearing, build_sync

EVERY_ADDRESS = frozenset({"0.0.0.0", "::"})


class Role(StrEnum):
    """What this process does: everything, HTTP alone, or HTTP and live sessions.

    With the latter two, `earshot work` runs elsewhere.
    """

    ALL = "all"
    API = "api"
    LIVE = "live"


# What stands on its command line.
HostOption = Annotated[
    str | None, typer.Option(help="Address to listen on (EARSHOT_HOST); default: 127.0.0.1.")
]
PortOption = Annotated[
    int | None,
    typer.Option(help="Port to listen on (EARSHOT_PORT); 0 takes a free one; default: 8000."),
]
RoleOption = Annotated[
    Role,
    typer.Option(
        help="all: HTTP, live sessions and a worker; api: HTTP only, it loads no model; live: "
        "HTTP and live sessions. With the latter two, `earshot work` runs elsewhere."
    ),
]
TlsOption = Annotated[
    bool | None,
    typer.Option(
        "--tls",
        help="Speak https and wss on the port, with a certificate made here (EARSHOT_TLS).",
    ),
]
TlsPortOption = Annotated[
    int | None,
    typer.Option(help="Speak https and wss on this port beside http (EARSHOT_TLS_PORT)."),
]
CertfileOption = Annotated[
    Path | None, typer.Option(help="Your own certificate, PEM (EARSHOT_CERTFILE).")
]
KeyfileOption = Annotated[Path | None, typer.Option(help="Its private key, PEM (EARSHOT_KEYFILE).")]


def serve(
    host: HostOption = None,
    port: PortOption = None,
    data: DataOption = None,
    config: ConfigOption = None,
    role: RoleOption = Role.ALL,
    tls: TlsOption = None,
    tls_port: TlsPortOption = None,
    certfile: CertfileOption = None,
    keyfile: KeyfileOption = None,
) -> None:
    """Serve the API on this machine, and transcribe what is submitted.

    Example: `earshot serve --port 8000 --data ./earshot-data`
    """
    settings = load_settings(
        host=host,
        port=port,
        data=data,
        config=config,
        tls=tls,
        tls_port=tls_port,
        certfile=certfile,
        keyfile=keyfile,
    )
    start_logging(settings)
    _run(settings, role)


def _run(settings: Settings, role: Role) -> None:
    """Serve until somebody ends it."""
    records = open_records(settings)
    require_llm_projects(settings, records)
    listen = _with_certificate(settings)
    jobs = JobQueue(records.engine)
    hearing = None if role is Role.API else LiveHearing(settings)
    sync = None if hearing is None else SyncHearing(settings, hearing)
    locks, has_ended = open_locks(records.engine), threading.Event()
    live = None if hearing is None else build_live(settings, hearing, locks)
    app = build_api(
        settings,
        records,
        jobs,
        live,
        None if sync is None else lambda: sync.is_ready and sync.live_is_ready,
        awaits_workers=role is not Role.LIVE,
        sync=None if sync is None else build_sync(settings, sync),
    )
    server = AppServer(app, listen)
    # Now that the ports are ours, and while nothing waits for the event loop.
    offer_first_key(records.engine, settings)
    with WorkerSupervisor(settings) as supervisor:

        def get_going() -> None:
            jobs.warm()  # the first submit shall not wait for it
            if live is not None:
                SessionReaper(app.state.services, locks).run(has_ended)

        def begin(urls: list[str]) -> None:
            """Do what would compete with our own start."""
            _print_urls(urls)
            threading.Thread(target=get_going, name="get-going", daemon=True).start()
            if hearing is not None:
                hearing.warm()
            if sync is not None:
                sync.warm()
            if role is Role.ALL:
                supervisor.start(give_up=server.stop)

        server.run(begin, lambda: _wind_down(app.state.services))
    if sync is not None:
        sync.close()
    if hearing is not None:
        hearing.close()
    has_ended.set()
    locks.close()
    if supervisor.has_given_up:
        raise OperatorError("the worker does not start; what it said is above")


async def _wind_down(services: ApiServices) -> None:
    """Have everybody told who waits for something of this process."""
    services.stopping.set()
    if services.live is not None:
        await services.live.sessions.drain()


def _with_certificate(settings: Settings) -> ListenOptions:
    """Where to listen and with which certificate; makes the local CA where one is needed."""
    listen = settings.listening
    if listen.certfile is None and listen.keyfile is not None:
        raise SettingsInvalid("--keyfile needs --certfile")
    if listen.certfile is not None or not (settings.tls or listen.tls_port is not None):
        return listen
    made = ensure_local_certificates(
        settings.data / "certificates", _names_of_this_server(settings), utc_now()
    )
    print(explain_trust(made.ca_path))
    return replace(listen, certfile=made.cert_path, keyfile=made.key_path)


def _names_of_this_server(settings: Settings) -> list[str]:
    """By which names and addresses clients may call it, beyond localhost and the host name."""
    names = [settings.host]
    if settings.public_url is not None:
        names += filter(None, [urlsplit(settings.public_url).hostname])
    if settings.host in EVERY_ADDRESS:
        found = socket.getaddrinfo(socket.gethostname(), None, type=socket.SOCK_STREAM)
        names += sorted({str(address[0]) for *_, address in found})
    return names


def _print_urls(urls: list[str]) -> None:
    for url in urls:
        print(f"Earshot listens on {url}  (docs: {url}/docs, stop: Ctrl-C)", flush=True)


def register(app: typer.Typer) -> None:
    app.command()(serve)
