"""`earshot work`: a worker alone."""

import ctypes
import logging
import os
import select
import signal
import socket
import sys
import threading
from typing import Annotated

import typer

from earshot.cli.logs import start_logging
from earshot.cli.options import ConfigOption, DataOption
from earshot.settings import load_settings
from earshot.wiring.llm_projects import require_llm_projects
from earshot.wiring.records import open_records
from earshot.wiring.worker import running_worker

# Live audio and HTTP go first: they wait for nobody's batch.
NICENESS = 5
# Steps get 10 s to end; a database that is gone must not keep the process for longer.
STOP_LIMIT_S = 20.0
EXIT_STOPPED_HARD = 1
M_ARENA_MAX = -8  # <malloc.h>
MAX_ARENAS = 2


def work(
    data: DataOption = None,
    config: ConfigOption = None,
    supervised: Annotated[
        bool,
        typer.Option("--supervised", hidden=True, help="Stop when standard input is closed."),
    ] = False,
) -> None:
    """Run a worker alone: it takes transcripts from the queue until it is stopped.

    Example: `EARSHOT_DATABASE_URL=postgresql://db/x EARSHOT_MEDIA_URL=s3://audio earshot work`
    """
    settings = load_settings(data=data, config=config)
    start_logging(settings)
    os.nice(NICENESS)
    _share_freed_memory()
    # The supervisor holds the other end of our standard input, and is gone when that is closed.
    ends = [_catch_ending_signals(), *([sys.stdin] if supervised else [])]
    records = open_records(settings)
    require_llm_projects(settings, records)
    with running_worker(settings, records):
        select.select(ends, [], [])
        _end_in_time()
    logging.shutdown()
    os._exit(0)  # a step that would not end in time is another worker's now; do not wait for it


def _catch_ending_signals() -> socket.socket:
    """Can be read from when SIGINT or SIGTERM has come.

    It is written to as the signal comes, in whichever thread. Python's own handlers run in the main
    thread alone, which a signal does not wake where it comes just before a wait for a lock begins.
    """
    woken, waker = socket.socketpair()
    waker.setblocking(False)
    signal.set_wakeup_fd(waker.detach())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: None)
    return woken


def _share_freed_memory() -> None:
    """Let threads use what others have freed: jobs pass over dozens, and each would keep its own.

    glibc's allocator gives every thread an arena (mallopt(3)); other C libraries have no such call.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None and sys.platform == "linux":
        set_option(M_ARENA_MAX, MAX_ARENAS)


def _end_in_time() -> None:
    """End the process before long even where stopping hangs; others take its work over."""
    last_resort = threading.Timer(STOP_LIMIT_S, os._exit, [EXIT_STOPPED_HARD])
    last_resort.daemon = True
    last_resort.start()


def register(app: typer.Typer) -> None:
    app.command()(work)
