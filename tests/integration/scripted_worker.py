"""A worker process whose handlers do what files in a folder tell them; run by the tests of jobs.

    python scripted_worker.py DATABASE_URL FOLDER [POLICY_FIELD=VALUE ...]

A file `JOB.STEP.hold` makes that step wait until the file is gone, `JOB.STEP.die` makes it kill its
process, `JOB.STEP.refuse` makes it raise a CallerError, `JOB.STEP.break` anything else. Every call
and every commit is a line of `journal`. `JOB.parts` has the number of parts, `JOB.offered` that of
those which are offered before `prepare` obeys. With a file `JOB.asks`, others are asked.
"""

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from earshot.cli.logs import EventFormatter
from earshot.errors import AudioTooShort, TransitionImpossible
from earshot.jobs.handlers import Announce, DeliveryVerdict, Offer
from earshot.jobs.policy import QueuePolicy
from earshot.jobs.worker import JobWorker
from earshot.storage.database import open_database

# What the pipeline does to a transcript, reduced to what the queue's promises are about.
OUTCOMES = sa.table("outcomes", sa.column("job_id", sa.Text), sa.column("outcome", sa.Text))


class ScriptedHandlers:
    """Handlers that obey the files in a folder."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self._engine = engine
        self._folder = folder
        self._lock = threading.Lock()

    def prepare(self, job_id: str, offer: Offer) -> int:
        offered = self._folder / f"{job_id}.offered"
        for part_index in range(int(offered.read_text()) if offered.exists() else 0):
            offer(part_index)
        self._obey(job_id, "prepare")
        wanted = self._folder / f"{job_id}.parts"
        return int(wanted.read_text()) if wanted.exists() else 1

    def run_part(self, job_id: str, part_index: int) -> None:
        self._obey(job_id, f"part{part_index}")

    def finish(self, job_id: str, announce: Announce) -> bool:
        self._obey(job_id, "finish")
        asked = self._folder / f"{job_id}.asked"
        if (self._folder / f"{job_id}.asks").exists() and not asked.exists():
            return False
        self._end(job_id, "finished", announce)
        self._obey(job_id, "finished")
        return True

    def ask(self, job_id: str) -> None:
        self._obey(job_id, "ask")
        (self._folder / f"{job_id}.asked").touch()

    def fail(self, job_id: str, error: Exception, announce: Announce) -> None:
        self._obey(job_id, "fail")
        self._end(job_id, type(error).__name__, announce)

    def deliver(self, job_id: str, attempt: int, message_index: int) -> DeliveryVerdict:
        if message_index:
            return DeliveryVerdict.NONE
        self._obey(job_id, "deliver")
        self._write(job_id, f"delivered:{attempt}")
        if (self._folder / f"{job_id}.deliver.later").exists():
            return DeliveryVerdict.RETRY
        return DeliveryVerdict.DELIVERED

    def sweep(self) -> None:
        self._write("all", "swept")

    def under_way(self) -> Sequence[str]:
        wanted = self._folder / "all.under_way"
        return wanted.read_text().split() if wanted.exists() else []

    def _end(self, job_id: str, outcome: str, announce: Announce) -> None:
        with self._engine.begin() as conn:
            met = conn.execute(sa.select(OUTCOMES).where(OUTCOMES.c.job_id == job_id)).first()
            if met is not None:
                raise TransitionImpossible(expected="processing", met=str(met.outcome))
            conn.execute(sa.insert(OUTCOMES).values(job_id=job_id, outcome=outcome))
            announce(conn)

    def _obey(self, job_id: str, step: str) -> None:
        self._write(job_id, step)
        order = self._folder / f"{job_id}.{step}"
        if order.with_name(order.name + ".die").exists():
            os.kill(os.getpid(), signal.SIGKILL)
        if order.with_name(order.name + ".refuse").exists():
            raise AudioTooShort
        if order.with_name(order.name + ".break").exists():
            raise RuntimeError("words that nobody must read in a log")
        while order.with_name(order.name + ".hold").exists():
            time.sleep(0.01)

    def _write(self, job_id: str, event: str) -> None:
        line = f"{time.monotonic():.4f} {os.getpid()} {job_id} {event}\n"
        with self._lock, (self._folder / "journal").open("a") as journal:
            journal.write(line)


def _parse(setting: str) -> tuple[str, Any]:
    name, value = setting.split("=")
    return name, float(value) if name.endswith("_s") else int(value)


def main(url: str, folder: str, *settings: str) -> None:
    log = (Path(folder) / "log").open("a")
    sys.stdout = sys.stderr = log
    handler = logging.StreamHandler(log)
    handler.setFormatter(EventFormatter())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    policy = QueuePolicy(**dict(_parse(setting) for setting in settings))
    engine = open_database(url)
    worker = JobWorker(engine, policy, ScriptedHandlers(engine, Path(folder)))
    asked_to_end = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: asked_to_end.set())
    worker.start()
    logging.getLogger("script").info("started %d", os.getpid())
    asked_to_end.wait()
    worker.stop(timeout_s=5)
    os._exit(0)


if __name__ == "__main__":
    main(*globals().get("__arguments__", sys.argv[1:]))
