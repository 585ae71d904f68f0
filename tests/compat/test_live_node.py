"""Live sessions with the official Node SDK: real audio to a real server process.

It takes no address but a `wss://` one.
"""

import base64
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from tests.compat.conftest import node_sdk
from tests.compressed import compress
from tests.processes import Api, Server, clean_environment

SDK = "node-assemblyai-4.41.5"
OPENING = "it was the best of times it was the worst of times"
PIECE_BYTES = 3200

pytestmark = [pytest.mark.slow, pytest.mark.alone]

Run = Callable[..., dict[str, Any]]


@pytest.fixture
def run(server: Server, api: Api, ca_path: Path) -> Run:
    """Holds one session with the SDK, over TLS."""

    def run_session(pieces: list[bytes], piece_ms: int, **task: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
        node, sdk = node_sdk(SDK)
        whole = {
            "sdk": sdk,
            "http": server.urls[1],
            "ws": server.urls[1].replace("http", "ws", 1),
            "key": api.key,
            "pieces": [base64.b64encode(piece).decode() for piece in pieces],
            "pieceMs": piece_ms,
            **task,
        }
        program = Path(__file__).with_name("live_program.mjs")
        done = subprocess.run(
            [node, str(program)],
            input=json.dumps(whole),
            capture_output=True,
            text=True,
            env=clean_environment(NODE_EXTRA_CA_CERTS=str(ca_path)),
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        result: dict[str, Any] = json.loads(done.stdout)
        return result

    return run_session


def pcm_pieces(samples: Samples) -> list[bytes]:
    pcm = pcm16_from_samples(samples)
    return [pcm[start : start + PIECE_BYTES] for start in range(0, len(pcm), PIECE_BYTES)]


def plain(result: dict[str, Any], *, is_formatted: bool) -> str:
    text = " ".join(
        turn["transcript"]
        for turn in result["turns"]
        if turn["end_of_turn"] and turn["turn_is_formatted"] == is_formatted
    )
    return "".join(c for c in text.lower() if c.isalpha() or c == " ")


@pytest.mark.parametrize("by_token", [False, True])
def test_words_come_while_they_are_spoken(run: Run, two_cities: Samples, *, by_token: bool) -> None:
    result = run(
        pcm_pieces(two_cities[: 9 * SAMPLE_RATE]),
        100,
        byToken=by_token,
        parameters={"sampleRate": SAMPLE_RATE, "formatTurns": True},
    )
    assert result["errors"] == []
    assert result["begin"]["type"] == "Begin"
    assert plain(result, is_formatted=False).startswith(OPENING)
    assert plain(result, is_formatted=True).startswith(OPENING)


@pytest.mark.parametrize("encoding", ["opus", "ogg_opus", "aac"])
def test_compressed_audio_needs_no_sample_rate(
    run: Run, two_cities: Samples, encoding: str
) -> None:
    pieces = compress(encoding, two_cities[: 9 * SAMPLE_RATE])
    result = run(pieces, 9000 // len(pieces), parameters={"encoding": encoding})
    assert result["errors"] == []
    assert plain(result, is_formatted=False).startswith(OPENING)


def test_a_wrong_key_is_told_with_its_reason(run: Run) -> None:
    result = run([], 0, key="wrong", parameters={"sampleRate": SAMPLE_RATE})
    assert "begin" not in result
    assert any("Invalid API key" in error for error in result["errors"]), result
