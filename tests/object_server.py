"""A server that speaks S3 on loopback, as a process: what an operator's bucket is to us."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import requests

from tests.processes import clean_environment

_PROGRAM = """
import sys
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class ObjectServer:
    """Its address, and buckets and objects made in it."""

    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the providers' own tools, and we, reach it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret-of-anybody",
            "AWS_ALLOW_HTTP": "true",
        }

    def put(self, bucket: str, key: str, content: bytes) -> None:
        """An object, in a bucket that is made where it is missing."""
        for path, body in ((bucket, b""), (f"{bucket}/{key}", content)):
            with requests.Session() as session:
                session.trust_env = False
                answer = session.put(f"{self.url}/{path}", data=body, timeout=60)
            assert answer.status_code == requests.codes.ok, answer.text


@contextmanager
def running_object_server(**settings: str) -> Iterator[ObjectServer]:
    """The server, until the block ends; settings are its environment's."""
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=clean_environment(**settings),
        text=True,
    )
    with process:  # closes its pipes, which ends it, and waits
        assert process.stdout is not None
        yield ObjectServer(f"http://127.0.0.1:{int(process.stdout.readline())}")
