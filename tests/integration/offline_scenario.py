"""A day in the life of a server without a network; run in a network namespace of its own.

    python offline_scenario.py FOLDER MODELS RECORDING

Prints as JSON what the server did, and what the kernel counted: packets for which there was no
route are what would have left the machine.
"""

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from tests.processes import Installation

# A public address, as the policy refuses others by itself. There is no route to it here.
ELSEWHERE = "9.9.9.9"


def unroutable() -> int:
    """How often something was to be sent for which there is no route."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    names, values = (line for line in lines if line[0] == "Ip:")
    v4 = int(dict(zip(names, values, strict=True))["OutNoRoutes"])
    v6 = dict(line.split() for line in Path("/proc/net/snmp6").read_text().splitlines())
    return v4 + int(v6["Ip6OutNoRoutes"])


def datagrams() -> int:
    """How many UDP datagrams were sent: a look-up of a name is one, even to this machine."""
    lines = [line.split() for line in Path("/proc/net/snmp").read_text().splitlines()]
    names, values = (line for line in lines if line[0] == "Udp:")
    return int(dict(zip(names, values, strict=True))["OutDatagrams"])


def main(folder: str, models: str, recording: str) -> None:
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    facts: dict[str, object] = {}
    with closing(Installation(Path(folder), Path(models))) as installation:
        server = installation.serve()
        server.await_ready()
        api = installation.api(server)
        transcript = api.transcribe(Path(recording).read_bytes())
        facts["text"] = transcript["text"]
        for export in ("sentences", "paragraphs", "srt", "vtt", "word-search?words=was"):
            path = f"/v2/transcript/{transcript['id']}/{export}"
            assert api.call("GET", path).status_code == 200
        api.json("DELETE", f"/v2/transcript/{transcript['id']}")
        assert installation.run("doctor").returncode == 0
        assert installation.run("transcribe", recording).returncode == 0
        facts["attempts"] = unroutable() + datagrams()
        wanted = api.ended(api.submit(f"http://{ELSEWHERE}/recording.wav"))
        facts["wanted"] = wanted["error"]
        facts["attempts_when_asked"] = unroutable() + datagrams()
    json.dump(facts, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
