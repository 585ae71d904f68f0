"""Where the server listens."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ListenOptions:
    """Where to listen, and with which certificate.

    With a certificate and no `tls_port`, `port` itself speaks TLS. With a `tls_port`, `port` stays
    plain and a second listener speaks TLS there. Port 0 takes a free one. `keyfile` may be left out
    where `certfile` holds the key too.
    """

    host: str
    port: int
    tls_port: int | None = None
    certfile: Path | None = None
    keyfile: Path | None = None
