"""The knobs of everything that leaves the machine."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EgressOptions:
    """What may be fetched and told, and how long that may take.

    `source_buckets` are the buckets that audio URLs may name. The allow-lists hold host names,
    addresses and CIDRs that may be private. `extra_ca_file` is a PEM file of authorities that are
    trusted beside the public ones.
    """

    fetch_allow: tuple[str, ...] = ()
    webhook_allow: tuple[str, ...] = ()
    source_buckets: tuple[str, ...] = ()
    fetch_max_bytes: int = 5_000_000_000  # "<= 5 GB" is what the compatible API documents
    fetch_max_redirects: int = 10
    fetch_total_timeout_s: float = 3600.0
    connect_timeout_s: float = 10.0
    read_timeout_s: float = 30.0
    extra_ca_file: Path | None = None
