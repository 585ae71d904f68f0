"""The page on live sessions: its sample transcribes, and what it lists is so."""

import ast
import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from earshot.api.faults import CODES_2026
from earshot.audio.waveform import SAMPLE_RATE, Samples
from tests.docs.markdown import DOCS, blocks_of
from tests.processes import Installation, write_wav

PAGE = DOCS / "howto" / "live.md"


@pytest.mark.slow
@pytest.mark.alone
def test_the_sample_with_a_bare_websocket_transcribes(
    install: Callable[..., Installation],
    two_cities: Samples,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (sample,) = [block for block in blocks_of(PAGE) if block.language == "python"]
    names: dict[str, Any] = {"__name__": "sample"}
    exec(sample.code, names)
    installation = install()
    server = installation.serve("--role", "live")
    server.await_ready()
    recording = write_wav(tmp_path / "speech.wav", two_cities[: 6 * SAMPLE_RATE])
    url = server.url.replace("http", "ws")
    asyncio.run(names["transcribe"](str(recording), url, installation.key))
    assert capsys.readouterr().out.startswith("It was the best of times")


def test_every_code_of_a_fault_is_on_the_page() -> None:
    listed = {int(code) for code in re.findall(r"^\| (\d{4}) \|", PAGE.read_text(), re.MULTILINE)}
    assert listed == {*CODES_2026.values(), 1000, 1001}


def test_the_sample_with_the_sdk_waits_longer_for_the_last_words_than_the_sdk_by_itself() -> None:
    (code,) = re.findall(r"^```python\n(from assemblyai.*?)^```$", PAGE.read_text(), re.M | re.S)
    until_client = ast.parse(code).body[:2]
    names: dict[str, Any] = {"KEY": "k"}
    exec(compile(ast.Module(until_client, []), str(PAGE), "exec"), names)
    by_itself = names["StreamingClientOptions"]().terminate_timeout
    assert names["client"]._options.terminate_timeout >= 10 * by_itself
