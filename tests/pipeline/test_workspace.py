import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.pipeline.assembly import Recording
from earshot.pipeline.chunks import Chunk
from earshot.pipeline.plan import Plan
from earshot.pipeline.workspace import Workspace
from earshot.storage.media import open_media_store
from earshot.transcript.findings import Findings
from earshot.transcript.result import KnownSpeaker, LanguageFinding, TranscriptResult
from earshot.transcript.words import Utterance, Word

words_of_chunks = st.lists(
    st.lists(
        st.builds(
            Word,
            text=st.text(min_size=1),
            start_ms=st.integers(0, 10**8),
            end_ms=st.integers(0, 10**8),
            confidence=st.floats(0, 1),
            speaker=st.none() | st.just("1"),
            channel=st.none() | st.integers(1, 9),
        ),
        max_size=3,
    ),
    max_size=3,
)


def new_workspace(transcript_id: str = "abc") -> Workspace:
    return Workspace(open_media_store("memory://"), transcript_id)


@given(words_of_chunks)
def test_words_come_back_as_they_were_in_the_order_of_the_chunks(chunks: list[list[Word]]) -> None:
    workspace = new_workspace()
    for index in reversed(range(len(chunks))):
        workspace.save_words(index, chunks[index])
    assert list(workspace.load_words(len(chunks))) == [word for words in chunks for word in words]


def test_words_of_a_chunk_are_found_once_they_are_saved() -> None:
    workspace = new_workspace()
    words = [Word("well", 0, 400, 0.5)]
    workspace.save_words(1, words)
    workspace.save_words(2, [])
    assert [workspace.find_words(index) for index in range(4)] == [None, words, [], None]


def test_a_translation_is_found_once_every_chunk_has_one() -> None:
    workspace = new_workspace()
    words = [Word("well", 0, 400, 0.5)]
    workspace.save_translation(1, words)
    assert [workspace.has_translation(index) for index in range(2)] == [False, True]
    assert workspace.find_translation(2) is None
    workspace.save_translation(0, [])
    assert workspace.find_translation(2) == words
    assert workspace.find_words(1) is None


@pytest.mark.parametrize("n_channels", [None, 2])
def test_what_is_known_of_the_recording_comes_back(n_channels: int | None) -> None:
    workspace = new_workspace()
    recording = Recording(1234, n_channels, ("It breaks off.", "It is quiet."))
    workspace.save_recording(recording, 7)
    assert workspace.load_recording() == (recording, 7)


def test_a_chunk_comes_back() -> None:
    workspace = new_workspace()
    chunk = Chunk(2, 16, np.arange(600, dtype=np.int16), np.array([0.5, 1], dtype=np.float32))
    workspace.save_chunk(3, chunk)
    assert workspace.load_chunk(3).to_bytes() == chunk.to_bytes()


def test_cuts_come_back_up_to_the_first_that_is_missing() -> None:
    workspace = new_workspace()
    assert workspace.load_cuts() == {}
    probabilities = np.array([0.5, 1], dtype=np.float32)
    for index in (0, 1, 3):
        pcm = np.zeros(600 + index, dtype=np.int16)
        workspace.save_chunk(index, Chunk(None, 1000 * index, pcm, probabilities))
    cuts = workspace.load_cuts()
    assert list(cuts) == [(None, 0), (None, 1000)]
    assert [cut.n_samples for cut in cuts.values()] == [600, 601]
    assert np.array_equal(cuts[None, 0].probabilities, probabilities)


def test_saving_again_replaces_what_was_saved() -> None:
    workspace = new_workspace()
    workspace.save_words(0, [Word("old", 0, 1, 0.5)])
    workspace.save_words(0, [Word("new", 0, 1, 0.5)])
    assert [word.text for word in workspace.load_words(1)] == ["new"]


def test_clearing_deletes_the_files_of_this_transcript_and_of_no_other() -> None:
    media = open_media_store("memory://")
    ours, others = Workspace(media, "abc"), Workspace(media, "abcd")
    for workspace in (ours, others):
        workspace.save_words(0, [])
        media.put(workspace.source_key, [b"RIFF"])
    ours.clear()
    assert media.children("work") == ["abcd"]
    ours.clear()  # again: a second worker may come after the first


def test_a_notice_comes_back_and_there_need_not_be_one() -> None:
    workspace = new_workspace()
    assert workspace.load_notice() is None
    workspace.save_notice("ran on the CPU")
    assert workspace.load_notice() == "ran on the CPU"


def test_the_plan_comes_back() -> None:
    workspace = new_workspace()
    assert workspace.find_plan() is None
    workspace.save_plan(Plan("en_us", "scripted"))
    assert workspace.load_plan() == workspace.find_plan() == Plan("en_us", "scripted")


def test_the_transcript_and_what_was_found_come_back() -> None:
    workspace = new_workspace()
    assert workspace.find_result() is None
    assert workspace.find_findings("summarization") is None
    words = (Word("well", 0, 400, 0.5, "A"), Word("said", 400, 700, 0.25, "A", 2))
    result = TranscriptResult(
        words,
        (Utterance(words, "A"),),
        1000,
        2,
        "en_us",
        "scripted",
        ("It breaks off.",),
        LanguageFinding(0.5, (("en", 0.5), ("de", 0.25))),
        (KnownSpeaker("A", "Theodora", 0.75),),
    )
    findings = Findings(summary="Well said.").by("summarization", "extractive", "So it is.")
    workspace.save_result(result)
    workspace.save_findings("summarization", findings)
    assert workspace.find_result() == result
    assert workspace.find_findings("summarization") == findings


def test_words_of_all_chunks_can_be_dropped_alone() -> None:
    workspace = new_workspace()
    for index in range(3):
        workspace.save_words(index, [Word("well", 0, 400, 0.5)])
    workspace.save_notice("It is quiet.")
    workspace.drop_words()
    workspace.drop_words()
    assert [workspace.find_words(index) for index in range(3)] == [None] * 3
    assert workspace.load_notice() == "It is quiet."


def test_begins_are_counted_for_each_feature() -> None:
    workspace = new_workspace()
    counts = [workspace.count_begin(name) for name in ("summarization", "summarization")]
    assert [*counts, workspace.count_begin("auto_chapters")] == [0, 1, 0]
