import os
import signal
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.decode import DecodedMedia, Decoder
from earshot.audio.decoding.mixing import CANCELLED
from earshot.audio.media import ChannelMode, DecodeOptions
from earshot.errors import AudioTooLong, AudioTooShort, AudioUnreadable, DecoderFailed

Make = Callable[..., bytes]
Place = Callable[[bytes], Path]


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    with Decoder(DecodeOptions(n_warm_children=2)) as decoder:
        yield decoder


@pytest.fixture
def place(tmp_path: Path) -> Place:
    def write(data: bytes) -> Path:
        path = tmp_path / "media"
        path.write_bytes(data)
        return path

    return write


def n_samples(media: DecodedMedia) -> int:
    return sum(block.shape[1] for block in media)


def child_pids() -> set[int]:
    """Our decoder processes, zombies included."""
    found = set()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (FileNotFoundError, ProcessLookupError):
                continue
            if parent == os.getpid():
                found.add(int(entry.name))
    return found


def n_open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


needs_proc = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")


def test_a_file_comes_back_as_blocks_of_16_khz(
    decoder: Decoder, place: Place, tone: Make, wav: Make
) -> None:
    with decoder.open(place(wav(tone(2.5, 44100, n_channels=2), 44100))) as media:
        blocks = list(media)

    assert [block.shape for block in blocks] == [(1, 16000), (1, 16000), (1, 8000)]
    assert blocks[0].dtype == np.int16
    assert (media.info.n_channels, media.info.sample_rate) == (2, 44100)
    assert (media.info.container, media.info.codec) == ("wav", "pcm_s16le")
    assert media.info.duration_ms == 2500
    assert media.warnings == ()


def test_channels_that_are_the_opposite_of_each_other_do_not_mix_to_silence(
    decoder: Decoder, place: Place, tone: Make, wav: Make
) -> None:
    left = np.asarray(tone(1.5, 44100))
    with decoder.open(place(wav(np.concatenate([left, -left], axis=1), 44100))) as media:
        mixed = np.concatenate(list(media), axis=1)
        assert media.warnings == (CANCELLED,)
    with decoder.open(place(wav(left, 44100))) as media:
        alone = np.concatenate(list(media), axis=1)

    assert np.array_equal(mixed, alone)


def test_split_gives_a_row_for_each_channel_and_the_window_is_exact(
    decoder: Decoder, place: Place, wav: Make
) -> None:
    pcm = np.random.default_rng(1).integers(-9999, 9999, (32000, 3), np.int16)
    path = place(wav(pcm, 16000))

    with decoder.open(path, channels=ChannelMode.SPLIT, start_ms=500, end_ms=1700) as media:
        channels = np.concatenate(list(media), axis=1)

    assert np.array_equal(channels, pcm[8000:27200].T)


def test_the_decoding_process_gives_things_up_first(
    decoder: Decoder, place: Place, tone: Make, wav: Make
) -> None:
    with decoder.open(place(wav(tone(0.5, 16000), 16000))) as media:
        assert {"core_dumps", "file_writes"} <= set(media.denied)


@pytest.mark.parametrize(
    ("data", "file_type"),
    [
        (b"", "inode/x-empty (empty)"),
        (b"just some words\n", "text/plain (ASCII text)"),
        (b"<!DOCTYPE html><html></html>\n", "text/html (HTML document, ASCII text)"),
        (b"#EXTM3U\n/etc/passwd\n", "application/vnd.apple.mpegurl (M3U playlist, ASCII text)"),
        (
            b"\x00#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/x\n",
            "application/octet-stream (data; no audio format that this server reads, "
            "or damaged headers)",
        ),
    ],
)
def test_what_is_not_media_is_unreadable_with_its_mime_type(
    decoder: Decoder, place: Place, data: bytes, file_type: str
) -> None:
    with pytest.raises(AudioUnreadable) as unreadable, decoder.open(place(data)):
        pass

    assert str(unreadable.value).endswith(f"File type is {file_type}.")


def png() -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        check = zlib.crc32(name + body)
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", check)

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"\x00\x00")
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    )


def test_an_image_is_unreadable(decoder: Decoder, place: Place, encode: Make) -> None:
    jpeg = encode("mjpeg", "", None, video_codec="mjpeg")

    for image, mime in ((png(), "image/png"), (jpeg, "image/jpeg")):
        with pytest.raises(AudioUnreadable, match=mime), decoder.open(place(image)):
            pass


def test_video_without_audio_is_unreadable(decoder: Decoder, place: Place, encode: Make) -> None:
    data = encode("mp4", "", None, video_codec="mpeg4")

    with (
        pytest.raises(AudioUnreadable, match=r"File type is video/mp4 \(.*no audio track\)"),
        decoder.open(place(data)),
    ):
        pass


def test_159_ms_are_too_short(decoder: Decoder, place: Place, wav: Make) -> None:
    silence = np.zeros((2560, 1), np.int16)

    with decoder.open(place(wav(silence, 16000))) as media:
        assert n_samples(media) == 2560
    with pytest.raises(AudioTooShort), decoder.open(place(wav(silence[:-16], 16000))):
        pass


def test_64_channels_are_decoded_and_65_are_not(decoder: Decoder, place: Place, wav: Make) -> None:
    pcm = np.ones((4000, 65), np.int16)

    with decoder.open(place(wav(pcm[:, :64], 16000)), channels=ChannelMode.SPLIT) as media:
        assert np.concatenate(list(media), axis=1).shape == (64, 4000)
    with pytest.raises(AudioUnreadable, match="65 channels"), decoder.open(place(wav(pcm, 16000))):
        pass


@pytest.mark.parametrize("rate", [0, 1, 3_000_000_000])
def test_a_false_rate_is_unreadable(decoder: Decoder, place: Place, wav: Make, rate: int) -> None:
    with (
        pytest.raises(AudioUnreadable, match="File type is audio/x-wav"),
        decoder.open(place(wav(np.zeros((9000, 1), np.int16), rate))),
    ):
        pass


def test_truncated_media_is_used_and_says_so(
    decoder: Decoder, place: Place, tone: Make, wav: Make
) -> None:
    with decoder.open(place(wav(tone(3, 16000), 16000)[:48044])) as media:
        assert n_samples(media) == 24000

    assert media.warnings == ("Truncated media: what decodes is transcribed",)


def test_a_small_file_that_unfolds_beyond_the_limit_is_too_long(place: Place, encode: Make) -> None:
    bomb = encode("flac", "flac", np.zeros((8000 * 600, 1), np.int16), 8000)
    assert len(bomb) < 200_000  # 19 MB in 16 kHz

    with (
        Decoder(DecodeOptions(max_duration_ms=300_000)) as decoder,
        decoder.open(place(bomb)) as media,
        pytest.raises(AudioTooLong),
    ):
        n_samples(media)


@needs_proc
def test_a_decoder_killed_in_the_middle_fails_and_the_next_decode_works(
    place: Place, wav: Make
) -> None:
    path = place(wav(np.zeros((16000 * 600, 1), np.int16), 16000))
    with Decoder(DecodeOptions(n_warm_children=0)) as decoder:
        before = child_pids()
        with decoder.open(path) as media:
            (pid,) = child_pids() - before
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(DecoderFailed):
                n_samples(media)

        with decoder.open(path) as media:
            assert n_samples(media) == 16000 * 600


@needs_proc
def test_a_decoder_that_hangs_is_given_up(place: Place, wav: Make) -> None:
    path = place(wav(np.zeros((16000 * 600, 1), np.int16), 16000))
    before = child_pids()
    options = DecodeOptions(n_warm_children=0, allowance_s=2.0, min_speed=1e6)
    with Decoder(options) as decoder, decoder.open(path) as media:
        (pid,) = child_pids() - before
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(DecoderFailed):
            n_samples(media)
    assert pid not in child_pids()


@needs_proc
def test_warm_processes_that_died_are_replaced_unnoticed(
    place: Place, tone: Make, wav: Make
) -> None:
    path = place(wav(tone(0.5, 16000), 16000))
    before = child_pids()
    with Decoder(DecodeOptions(n_warm_children=2)) as decoder:
        for pid in child_pids() - before:
            os.kill(pid, signal.SIGKILL)
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)

        with decoder.open(path) as media:
            assert n_samples(media) == 8000


@needs_proc
def test_every_file_has_a_process_of_its_own(place: Place, tone: Make, wav: Make) -> None:
    path = place(wav(tone(0.5, 16000), 16000))
    others = child_pids()
    with Decoder(DecodeOptions(n_warm_children=1)) as decoder:
        (first,) = child_pids() - others
        with decoder.open(path) as media:
            n_samples(media)
        assert first not in child_pids()
        assert len(child_pids() - others) == 1


@needs_proc
def test_nothing_is_left_behind_even_by_those_who_stop_early(place: Place, wav: Make) -> None:
    long = place(wav(np.zeros((16000 * 600, 1), np.int16), 16000))
    processes, files = child_pids(), n_open_files()
    with Decoder(DecodeOptions(n_warm_children=1)) as decoder:
        with decoder.open(long) as media:
            next(iter(media))
        with decoder.open(long):
            pass
        with pytest.raises(ZeroDivisionError), decoder.open(long) as media:
            raise ZeroDivisionError
        with pytest.raises(FileNotFoundError), decoder.open(long.with_name("nothing")):
            pass

    assert child_pids() == processes
    assert n_open_files() == files


def test_several_threads_decode_at_once(
    decoder: Decoder, tmp_path: Path, tone: Make, wav: Make
) -> None:
    paths = []
    for index in range(6):
        paths.append(tmp_path / f"{index}.wav")
        paths[-1].write_bytes(wav(tone(1 + index, 8000), 8000))
    together = threading.Barrier(3)

    def decode(path: Path) -> int:
        with decoder.open(path) as media:
            together.wait(timeout=60)
            return n_samples(media)

    with ThreadPoolExecutor(3) as pool:
        lengths = list(pool.map(decode, paths))

    assert lengths == [16000 * (1 + index) for index in range(6)]


def test_a_consumer_that_is_slow_does_not_use_up_the_time_limit(place: Place, wav: Make) -> None:
    path = place(wav(np.zeros((16000 * 120, 1), np.int16), 16000))
    options = DecodeOptions(n_warm_children=1, allowance_s=5.0, min_speed=1e6)
    waiting = threading.Event()
    with Decoder(options) as decoder, decoder.open(path) as media:
        blocks = iter(media)
        next(blocks)
        waiting.wait(timeout=0.2)  # the child is blocked on a full pipe meanwhile
        assert sum(block.shape[1] for block in blocks) == 16000 * 119


@pytest.mark.slow
def test_ten_hours_come_through_and_not_a_second_more(decoder: Decoder, tmp_path: Path) -> None:
    path = tmp_path / "long.wav"
    n_bytes = 36_001 * 4000
    header = (b"fmt ", 16, 1, 1, 4000, 4000, 1, 8)
    with path.open("wb") as file:  # a sparse file: zeros that take no room
        file.write(struct.pack("<4sI4s", b"RIFF", n_bytes + 36, b"WAVE"))
        file.write(struct.pack("<4sIHHIIHH", *header))
        file.write(struct.pack("<4sI", b"data", n_bytes))
        file.truncate(44 + n_bytes)
    n_received = 0

    def receive(media: DecodedMedia) -> None:
        nonlocal n_received
        for block in media:
            n_received += block.shape[1]

    with decoder.open(path) as media, pytest.raises(AudioTooLong):
        receive(media)

    assert 0 <= 36_000 * 16_000 - n_received < 16_000
