import json
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from earshot.audio.decoding.child import ChildSilent, DecoderChild
from earshot.audio.decoding.protocol import DecodeRequest, MessageKind

Make = Callable[..., bytes]
REQUEST = DecodeRequest(
    is_mixed=True,
    start_ms=0,
    end_ms=None,
    max_duration_ms=10_000,
    max_channel_ms=10_000,
    max_cpu_s=10,
)


@pytest.fixture
def child() -> Iterator[DecoderChild]:
    child = DecoderChild(max_memory_bytes=512 * 2**20)
    yield child
    child.stop()


def is_process(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_child_gets_ready_decodes_one_file_and_ends(
    child: DecoderChild, tone: Make, wav: Make, tmp_path: Path
) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wav(tone(0.5, 16000), 16000))
    with path.open("rb") as media:
        child.ask(REQUEST, media)
    kinds = [child.listen(timeout_s=30).kind for _ in range(4)]

    assert kinds == [MessageKind.READY, MessageKind.INFO, MessageKind.BLOCK, MessageKind.END]
    with pytest.raises(EOFError):
        child.listen(timeout_s=30)


def test_a_child_that_says_nothing_is_not_waited_for_longer_than_asked(
    child: DecoderChild,
) -> None:
    assert child.listen(timeout_s=30).kind == MessageKind.READY

    with pytest.raises(ChildSilent):
        child.listen(timeout_s=0.05)


def test_stopping_leaves_no_process_and_no_zombie(child: DecoderChild) -> None:
    assert child.stop() == "SIGKILL"
    assert not is_process(child.pid)
    assert not child.is_alive


def test_stopping_twice_does_no_harm(child: DecoderChild) -> None:
    assert child.stop() == child.stop()


def test_a_child_killed_from_outside_is_seen_to_be_gone(child: DecoderChild) -> None:
    child.listen(timeout_s=30)
    os.kill(child.pid, signal.SIGKILL)

    with pytest.raises((EOFError, ConnectionError)):
        child.listen(timeout_s=30)


def test_a_child_whose_parent_lets_go_ends_by_itself(child: DecoderChild) -> None:
    child.listen(timeout_s=30)
    pid = child.pid

    child._stream.close()

    assert os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT) is not None


def test_the_child_knows_nothing_of_our_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EARSHOT_DATABASE_URL", "postgresql://secret")
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy")
    child = DecoderChild(max_memory_bytes=512 * 2**20)
    try:
        names = {
            entry.split(b"=")[0]
            for entry in Path(f"/proc/{child.pid}/environ").read_bytes().split(b"\0")
        }
    except (FileNotFoundError, PermissionError):
        pytest.skip("needs /proc")
    finally:
        child.stop()

    assert names <= {b"PYTHONPATH", b"LC_ALL", b""}


def test_what_was_denied_is_told_in_the_first_message(child: DecoderChild) -> None:
    denied = json.loads(child.listen(timeout_s=30).payload)

    assert "file_writes" in denied


def test_a_request_to_a_dead_child_is_an_os_error(child: DecoderChild, tmp_path: Path) -> None:
    child.stop()
    path = tmp_path / "x"
    path.write_bytes(b"")

    with path.open("rb") as media, pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        child.ask(REQUEST, media)
