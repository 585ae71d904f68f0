import io
import struct
from collections.abc import Callable

import numpy as np
import pytest

from earshot.audio.decoding.protocol import FailureReason
from earshot.audio.decoding.source import DEMUXERS, MediaRefused, MediaSource

Make = Callable[..., bytes]


def open_source(data: bytes) -> MediaSource:
    return MediaSource(io.BytesIO(data))


def test_the_first_frame_and_not_the_header_says_what_the_audio_is(tone: Make, wav: Make) -> None:
    source = open_source(wav(tone(1, 22050, n_channels=3), 22050))

    info = source.info(next(source.frames()).frame)

    assert (info.container, info.codec) == ("wav", "pcm_s16le")
    assert (info.n_channels, info.sample_rate) == (3, 22050)
    assert info.duration_s == pytest.approx(1.0)


def test_all_frames_come_with_their_times(tone: Make, encode: Make) -> None:
    source = open_source(encode("flac", "flac", tone(1, 44100), 44100))

    frames = list(source.frames())

    assert sum(timed.frame.samples for timed in frames) == 44100
    assert frames[0].pts_s == 0.0
    assert frames[1].pts_s == pytest.approx(frames[0].frame.samples / 44100)


def test_tags_in_any_encoding_do_no_harm(tone: Make, wav: Make, encode: Make) -> None:
    title = b"INFOINAM" + struct.pack("<I", 4) + "Кит".encode("cp1251") + b"\0"
    tagged_wav = wav(tone(1, 8000), 8000)
    tagged_wav = (
        tagged_wav[:12] + struct.pack("<4sI", b"LIST", len(title)) + title + tagged_wav[12:]
    )
    flac = encode("flac", "flac", tone(1, 8000), 8000)
    assert b"=Lavf" in flac

    for media in (tagged_wav, flac.replace(b"=Lavf", b"=\xca\xe8\xf2\xff")):
        assert sum(timed.frame.samples for timed in open_source(media).frames()) == 8000


def test_video_without_audio_is_refused(encode: Make) -> None:
    data = encode("mp4", "", None, video_codec="mpeg4")

    with pytest.raises(MediaRefused, match="no audio track"):
        open_source(data)


@pytest.mark.parametrize("demuxer", ["hls", "concat", "dash", "image2", "lavfi", "sdp", "rtsp"])
def test_formats_that_open_other_files_are_not_on_the_list(demuxer: str) -> None:
    assert demuxer not in DEMUXERS


@pytest.mark.parametrize(
    "playlist",
    [
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\n/etc/passwd\n#EXT-X-ENDLIST\n",
        b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" '
        b'profiles="urn:mpeg:dash:profile:isoff-live:2011"></MPD>',
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nm=audio 9 RTP/AVP 0\r\n",
    ],
)
def test_a_playlist_is_refused(playlist: bytes) -> None:
    with pytest.raises(MediaRefused) as refused:
        open_source(playlist)

    assert refused.value.reason is FailureReason.UNREADABLE


def test_more_channels_than_can_be_mixed_are_refused(wav: Make) -> None:
    source = open_source(wav(np.zeros((4000, 65), np.int16), 16000))

    with pytest.raises(MediaRefused, match="65 channels"):
        next(source.frames())


@pytest.mark.parametrize("rate", [1, 3999, 800_000])
def test_a_rate_that_no_recording_has_is_refused(wav: Make, rate: int) -> None:
    source = open_source(wav(np.zeros((4000, 1), np.int16), rate))

    with pytest.raises(MediaRefused, match=f"{rate} Hz"):
        next(source.frames())


def test_noise_behind_a_true_header_is_refused(tone: Make, encode: Make) -> None:
    data = encode("mp4", "aac", tone(5, 48000))
    begin, end = data.index(b"mdat") + 8, data.index(b"moov") - 4
    noise = np.random.default_rng(1).bytes(end - begin)

    with pytest.raises(MediaRefused, match="does not decode"):
        list(open_source(data[:begin] + noise + data[end:]).frames())


def test_damage_in_the_middle_is_passed_over_and_counted(tone: Make, encode: Make) -> None:
    data = bytearray(encode("flac", "flac", tone(20, 44100), 44100))
    middle = len(data) // 2
    data[middle : middle + 6000] = bytes(6000)
    source = open_source(bytes(data))

    n_samples = sum(timed.frame.samples for timed in source.frames())

    assert 15 * 44100 < n_samples < 20 * 44100


@pytest.mark.parametrize(
    ("container", "codec", "is_timed", "is_seekable"),
    [
        ("wav", "pcm_s16le", False, True),
        ("wav", "adpcm_ms", False, False),
        ("mp3", "libmp3lame", False, False),
        ("webm", "libopus", True, False),
        ("mp4", "aac", True, True),
    ],
)
def test_timestamps_and_jumps_are_trusted_where_they_are_exact(
    tone: Make, encode: Make, container: str, codec: str, is_timed: bool, is_seekable: bool
) -> None:
    source = open_source(encode(container, codec, tone(1, 48000)))

    assert (source.is_timed, source.is_seekable) == (is_timed, is_seekable)
