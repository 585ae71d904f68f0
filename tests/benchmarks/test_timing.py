import json
from pathlib import Path

import numpy as np

from benchmarks.timing import Edge, read_meeting, speech_limits, timing_table
from earshot.audio.waveform import SAMPLE_RATE


def test_words_of_a_meeting_come_in_the_order_of_their_times(tmp_path: Path) -> None:
    words = [{"w": "late", "start": 1.0, "end": 1.5}], [{"w": "early", "start": 0.25, "end": 0.5}]
    path = tmp_path / "meeting.segments.json"
    path.write_text(json.dumps({"segments": [{"words": said} for said in words]}))
    assert [(w.text, w.start_ms, w.end_ms) for w in read_meeting(path)] == [
        ("early", 250, 500),
        ("late", 1000, 1500),
    ]


def test_speech_is_found_between_a_click_and_silence() -> None:
    pcm = np.zeros(2 * SAMPLE_RATE, dtype=np.int16)
    pcm[160:200] = 10_000
    pcm[SAMPLE_RATE : SAMPLE_RATE + 8000] = 3000
    assert speech_limits(pcm, 30.0) == (SAMPLE_RATE, SAMPLE_RATE + 8000)


def test_errors_are_shown_without_their_sign_and_the_bias_with_it() -> None:
    edges = [Edge("word starts", "even", error) for error in (-10, -30, -200)]
    table = timing_table("Times", edges, "")
    assert table.rows == [("word starts, even", "3", "30", "183", "-30", "67")]
