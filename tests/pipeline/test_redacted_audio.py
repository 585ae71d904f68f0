import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.decode import Decoder
from earshot.audio.hiding import merge_spans
from earshot.audio.media import ChannelBlock, ChannelMode
from earshot.audio.speech import Span
from earshot.audio.waveform import Samples
from earshot.errors import DecoderFailed
from earshot.pipeline.redacted_audio import (
    DEFAULT_MARGINS,
    MIXED,
    NO_SPEECH,
    NOT_MADE,
    Margins,
    RedactedAudio,
    find_hidden,
    write_redacted_audio,
)
from earshot.storage.erasure import redacted_key
from earshot.storage.media import MediaStore, open_media_store
from earshot.testing import ScriptedDecoder, tone
from earshot.transcript.options import (
    RedactedAudioForm,
    RedactedAudioOptions,
    RedactionOptions,
    TranscriptOptions,
)
from earshot.transcript.words import Word

LEAST_MS, MOST_MS = DEFAULT_MARGINS.least_ms, DEFAULT_MARGINS.most_ms
APART_MS = DEFAULT_MARGINS.apart_ms


def spoken(*times_ms: tuple[int, int], channel: int | None = None) -> list[Word]:
    return [
        Word(f"w{index}", start_ms, end_ms, 0.9, channel=channel)
        for index, (start_ms, end_ms) in enumerate(times_ms)
    ]


def hide(words: Sequence[Word], *secret: int) -> list[Word]:
    return [
        Word("##", word.start_ms, word.end_ms, word.confidence, channel=word.channel)
        if index in secret
        else word
        for index, word in enumerate(words)
    ]


def hidden_ms(words: Sequence[Word], *secret: int) -> list[tuple[int, int]]:
    spans = merge_spans(find_hidden(words, hide(words, *secret)))
    return [(span.start_samples // 16, span.end_samples // 16) for span in spans]


class TestWhatIsHidden:
    def test_a_word_is_hidden_with_some_of_those_that_are_close_to_it(self) -> None:
        words = spoken((1_000, 1_500), (1_500, 2_000), (2_010, 2_500))
        assert hidden_ms(words, 1) == [(1_500 - LEAST_MS, 2_000 + LEAST_MS)]

    def test_so_is_the_pause_around_it_up_to_a_length(self) -> None:
        words = spoken((0, 1_000), (1_800, 2_400), (9_000, 9_100))
        assert hidden_ms(words, 1) == [(1_000, 2_400 + MOST_MS)]

    def test_the_first_and_the_last_word_have_all_the_room_there_is(self) -> None:
        assert hidden_ms(spoken((300, 900)), 0) == [(0, 900 + MOST_MS)]

    def test_nothing_is_heard_between_two_hidden_words(self) -> None:
        words = spoken((0, 1_000), (2_000, 2_100), (2_100 + APART_MS, 9_000))
        ((start_ms, end_ms),) = hidden_ms(words, 1, 2)
        assert start_ms < 2_000
        assert end_ms == 9_000 + MOST_MS

    def test_what_lies_between_two_secrets_that_are_far_apart_is_heard(self) -> None:
        words = spoken((0, 100), (101 + APART_MS, 9_000))
        assert len(hidden_ms(words, 0, 1)) == 2

    def test_words_of_another_channel_are_no_neighbours(self) -> None:
        words = [*spoken((1_000, 2_000), channel=1), *spoken((2_000, 3_000), channel=2)]
        assert hidden_ms(words, 0) == [(1_000 - MOST_MS, 2_000 + MOST_MS)]

    def test_never_less_than_the_time_of_the_word_itself(self) -> None:
        words = spoken((1_000, 3_000), (1_200, 2_900), (1_300, 2_000))
        ((start_ms, end_ms),) = hidden_ms(words, 1)
        assert start_ms <= 1_200 - LEAST_MS
        assert end_ms >= 2_900 + LEAST_MS

    def test_margins_may_be_others(self) -> None:
        words = spoken((0, 1_000), (1_000, 2_000), (2_000, 3_000))
        (span,) = find_hidden(words, hide(words, 1), Margins(0, 0))
        assert (span.start_samples, span.end_samples) == (16_000, 32_000)

    def test_without_secrets_nothing_is_hidden(self) -> None:
        assert hidden_ms(spoken((0, 100))) == []
        assert find_hidden([], []) == []


def decoder_of(*channels: Samples) -> ScriptedDecoder:
    return ScriptedDecoder(np.stack(channels))


def written(
    folder: Path,
    decoder: ScriptedDecoder,
    hidden: Sequence[Span] = (),
    form: RedactedAudioForm = "wav",
    **window_ms: int,
) -> tuple[ChannelBlock, tuple[str, ...]]:
    """The redacted audio, decoded again, and the warnings."""
    source, target = folder / "source", folder / f"made.{form}"
    source.write_bytes(b"RIFF")
    audio = RedactedAudioOptions(form, "silence")
    options = TranscriptOptions(**window_ms)  # type: ignore[arg-type]  # of the window only
    warnings = write_redacted_audio(source, target, options, audio, hidden, decoder)
    with Decoder() as real, real.open(target, channels=ChannelMode.SPLIT) as media:
        return np.concatenate(list(media), axis=1), warnings


class TestTheFile:
    def test_every_channel_is_there_and_none_has_what_is_hidden(self, tmp_path: Path) -> None:
        pcm, warnings = written(
            tmp_path, decoder_of(tone(3_000), tone(3_000, 500.0)), [Span(16_000, 32_000)]
        )
        assert pcm.shape == (2, 48_000)
        assert warnings == ()
        assert not pcm[:, 16_000:32_000].any()
        assert all(channel[:16_000].any() and channel[32_000:].any() for channel in pcm)

    def test_mp3_has_two_channels_and_mixes_more(self, tmp_path: Path) -> None:
        both = decoder_of(tone(1_000), tone(1_000))
        assert written(tmp_path, both, form="mp3")[0].shape == (2, 16_000)
        pcm, warnings = written(tmp_path, decoder_of(*[tone(1_000)] * 3), form="mp3")
        assert pcm.shape == (1, 16_000)
        assert warnings == (MIXED,)

    def test_what_was_not_transcribed_is_not_there_and_times_stay(self, tmp_path: Path) -> None:
        pcm, _ = written(
            tmp_path, decoder_of(tone(5_000)), audio_start_ms=1_500, audio_end_ms=2_500
        )
        assert pcm.shape == (1, 40_000)
        assert not pcm[:, :24_000].any()
        assert pcm[:, 24_000:].any()


def options(**audio: object) -> TranscriptOptions:
    wanted = RedactedAudioOptions(**audio)  # type: ignore[arg-type]  # of its fields
    return TranscriptOptions(redaction=RedactionOptions(("date",), audio=wanted))


class TestKeeping:
    @pytest.fixture
    def media(self) -> MediaStore:
        return open_media_store("memory://")

    def test_it_lies_under_the_name_of_its_transcript_until_that_is_forgotten(
        self, media: MediaStore, recording: Path
    ) -> None:
        maker = RedactedAudio(media, decoder_of(tone(1_000)))
        words = spoken((0, 100))
        assert maker.keep("one", recording, options(), words, words) == ()
        assert media.size(redacted_key("one", "mp3")) > 1_000
        maker.forget("one")
        assert not media.exists(redacted_key("one", "mp3"))

    def test_nothing_is_made_where_nobody_asks_for_it(
        self, media: MediaStore, recording: Path
    ) -> None:
        maker = RedactedAudio(media, decoder_of(tone(1_000)))
        for asked in (TranscriptOptions(), TranscriptOptions(redaction=RedactionOptions())):
            assert maker.keep("one", recording, asked, (), ()) == ()
        assert media.children("redacted") == []

    def test_without_speech_it_is_made_only_where_that_is_asked_for(
        self, media: MediaStore, recording: Path
    ) -> None:
        maker = RedactedAudio(media, decoder_of(tone(1_000)))
        assert maker.keep("one", recording, options(), (), ()) == (NO_SPEECH,)
        assert not media.exists(redacted_key("one", "mp3"))
        assert maker.keep("one", recording, options(if_speechless=True), (), ()) == ()
        assert media.exists(redacted_key("one", "mp3"))

    def test_a_decoder_that_breaks_down_costs_the_audio_and_no_more(
        self, media: MediaStore, recording: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        decoder = ScriptedDecoder(tone(1_000)[None], failure=DecoderFailed("gone"))
        words = spoken((0, 100))
        with caplog.at_level(logging.ERROR):
            warnings = RedactedAudio(media, decoder).keep("one", recording, options(), words, words)
        assert warnings == (NOT_MADE,)
        assert {record.message for record in caplog.records} == {"redacted_audio_failed"}
        assert media.children("redacted") == []
