"""What was to be hidden, looked for in every byte that a server keeps, logs, sends and answers."""

import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earshot.audio.waveform import Samples
from tests.llm.server import Reply, serving
from tests.processes import PATIENCE_S, Api, Installation, Process, until, write_wav
from tests.receiver import Receiver

pytestmark = pytest.mark.slow
Install = Callable[..., Installation]

# A card, a telephone number that is read back, an address, and a name of the caller's own.
SCRIPT = """
my card number is four one one one one one one one one one one one one one one one
call me at two one two five five five oh one four three
two one two five five five oh one four three right
write to quillfeather at example dot com about the zanzibar tortoise today
"""
POLICIES = ["credit_card_number", "phone_number", "email_address"]
OWN_TERMS = {"project": ["Zanzibar Tortoise"]}
HIDING: dict[str, Any] = {
    "redact_pii": True,
    "redact_pii_policies": POLICIES,
    "redact_static_entities": OWN_TERMS,
    # What the caller says of the recording tells it as well.
    "keyterms_prompt": ["Zanzibar Tortoise"],
    "custom_spelling": [{"from": ["zanzibar tortoise"], "to": "ZanzibarTortoise"}],
    "custom_topics": True,
    "topics": ["Zanzibar Tortoise", "payments by card"],
}
EXPORTS = ("sentences", "paragraphs", "srt", "vtt", "redacted-audio")
SEARCHED = "four,4111,card number is four,212,555,0143,quillfeather,example.com,zanzibar,tortoise"

_DIGIT = "(?:oh|zero|one|two|three|four|five|six|seven|eight|nine|double)"
# Two in a row; one alone as words are kept, in quotes; figures in groups, or in one.
TOLD = re.compile(
    rf"\b{_DIGIT}\b\W{{1,9}}{_DIGIT}\b"
    rf'|"\W?{_DIGIT}\b\W?"'
    r"|\b4111[\W_]?1111|1111[\W_]?1111|\b212[\W_]{0,2}555|\b555[\W_]?0143|2125550143"
    r'|"\W?(?:4111|1111|212|555|0143)\b'
    r"|quillf|feather|example\W{1,2}com|example dot|zanzib|tortoise",
    re.IGNORECASE,
)


def told_in(text: str) -> list[str]:
    """The secrets that can be read in it, however they are written."""
    return TOLD.findall(text)


def told_on_disk(folder: Path) -> dict[str, list[str]]:
    """What can be read in each file: database and its log, work files, processes' own logs."""
    told = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != "script":
            try:
                found = told_in(path.read_bytes().decode("latin-1"))
            except FileNotFoundError:  # deleted meanwhile
                continue
            if found:
                told[str(path.relative_to(folder))] = found
    return told


def answers_about(api: Api, transcript_id: str) -> Iterator[tuple[str, str]]:
    """Every route that tells of a transcript, and what it answers."""
    path = f"/v2/transcript/{transcript_id}"
    searches = [f"word-search?words={SEARCHED}"]
    for sub_path in ("", *(f"/{name}" for name in (*EXPORTS, *searches))):
        yield sub_path, api.call("GET", path + sub_path).text
    asked = {"custom_formatting": {"phone_number": "xxx-xxx-xxxx", "format_utterances": True}}
    body = {"transcript_id": transcript_id, "speech_understanding": {"request": asked}}
    yield "understanding", api.call("POST", "/v1/understanding", json=body).text
    for query in ("", "?status=completed", "?status=error", "?limit=1"):
        yield f"list{query}", api.call("GET", f"/v2/transcript{query}").text


def assert_nothing_is_answered(api: Api, transcript_id: str) -> None:
    told = {route: told_in(text) for route, text in answers_about(api, transcript_id)}
    assert {route: found for route, found in told.items() if found} == {}


def assert_nothing_is_kept(installation: Installation, receiver: Receiver) -> None:
    """Work files go, and the log is emptied, right after the news that a transcript has ended."""
    until(lambda: not told_on_disk(installation.folder), "nothing is left", patience_s=20.0)
    assert told_on_disk(installation.folder) == {}
    for post in receiver.posts:
        assert told_in(post.path + repr(post.headers) + post.body.decode()) == []


class Scene:
    """A server, and workers whose engine hears the script in any speech."""

    def __init__(self, installation: Installation, receiver: Receiver) -> None:
        self.installation = installation
        self.receiver = receiver
        self.api = installation.api(installation.serve("--role", "api"))
        self.file("script").write_text(SCRIPT)

    def file(self, name: str) -> Path:
        return self.installation.data / name

    def work(self) -> Process:
        return self.installation.work((str(Path(__file__).with_name("scripted_speech.py")),))

    def submit(self, media: bytes, **parameters: object) -> str:
        body = {"audio_url": self.api.upload(media), "webhook_url": f"{self.receiver.url}/hook"}
        answer = self.api.call("POST", "/v2/transcript", json={**body, **HIDING, **parameters})
        assert answer.status_code == 200, answer.text
        assert told_in(answer.text) == []
        transcript_id: str = answer.json()["id"]
        return transcript_id

    def submit_and_await_words(self, media: bytes, **parameters: object) -> str:
        """The words of the first chunk are there, as they were heard, and the rest is not."""
        transcript_id = self.submit(media, **parameters)
        work = self.installation.data / "media" / "work" / transcript_id
        whole = "words-[0-9]"  # and not one that is being written, as `words-0#1`
        until(lambda: list(work.glob(whole)), "the first chunk is done")
        told = told_on_disk(self.installation.folder)
        # Or whatever is proved below proves nothing.
        assert any("words-" in path for path in told)
        assert not any("process-" in path for path in told)
        assert_nothing_is_answered(self.api, transcript_id)
        return transcript_id


@pytest.fixture(scope="module")
def minutes(tmp_path_factory: pytest.TempPathFactory, two_cities: Samples) -> bytes:
    """Speech of more than one chunk."""
    path = tmp_path_factory.mktemp("speech") / "minutes.wav"
    return write_wav(path, np.tile(two_cities, 3)).read_bytes()


@pytest.fixture
def scene(install: Install, receiver: Receiver) -> Scene:
    return Scene(install(EARSHOT_LOG_LEVEL="debug", EARSHOT_WORKER_THREADS="2"), receiver)


def test_the_search_finds_every_secret_however_it_is_written() -> None:
    for secret in (
        SCRIPT,
        "4111 1111",
        "4111-1111",
        '["4111", 0, 90]',
        '["four", 0, 90]',
        "1111111111",
        "212-555-0143",
        "(212) 555",
        "2125550143",
        '"quillfeather@example.com."',
        "example dot com",
        "ZanzibarTortoise",
    ):
        assert told_in(secret), secret
    hidden = "my card number is #### ### call me at ### right, ####@####.###. about the ########"
    assert told_in(hidden) == []


def test_what_is_hidden_is_nowhere_but_in_entities(scene: Scene, speech: bytes) -> None:
    scene.work()
    wanted = ("auto_highlights", "summarization", "redact_pii_audio")
    plain = scene.submit(speech, **dict.fromkeys(wanted, True))
    transcript = scene.api.ended(plain)
    assert transcript["status"] == "completed", transcript["error"]
    assert transcript["text"].lower().startswith("my card number is #")
    assert transcript["redact_pii_policies"] == POLICIES
    for worded in ("redact_static_entities", "keyterms_prompt", "custom_spelling", "topics"):
        assert not transcript[worded]
    places = set(transcript["custom_topics_result"]["summary"])
    assert places == {"topic 1", "topic 2"}
    scene.receiver.await_post("/hook", times=2)  # of the redacted audio, and of the transcript
    assert_nothing_is_answered(scene.api, plain)
    assert_nothing_is_kept(scene.installation, scene.receiver)

    named = scene.submit(
        speech, entity_detection=True, redact_pii_sub="entity_name", custom_spelling=[]
    )
    shown = scene.api.ended(named)
    told = told_in(json.dumps(shown.pop("entities")))
    assert {"quillf"} <= {word.lower() for word in told}
    assert told_in(json.dumps(shown)) == []
    assert "[PROJECT] [PROJECT]" in shown["text"]
    scene.receiver.await_post("/hook", times=3)
    for transcript_id in (plain, named):
        scene.api.json("DELETE", f"/v2/transcript/{transcript_id}")
        assert_nothing_is_answered(scene.api, transcript_id)
    assert_nothing_is_kept(scene.installation, scene.receiver)


def test_what_was_said_is_returned_where_that_is_asked_for_until_it_is_deleted(
    scene: Scene, speech: bytes
) -> None:
    scene.work()
    shown = scene.api.ended(scene.submit(speech, redact_pii_return_unredacted=True))
    assert told_in(shown["unredacted_text"])
    assert told_in(json.dumps(shown.pop("unredacted_words")))
    assert "unredacted_utterances" not in shown  # there are none
    del shown["unredacted_text"]
    assert told_in(json.dumps(shown)) == []
    for name in EXPORTS:
        assert told_in(scene.api.call("GET", f"/v2/transcript/{shown['id']}/{name}").text) == []
    scene.receiver.await_post("/hook")
    scene.api.json("DELETE", f"/v2/transcript/{shown['id']}")
    assert_nothing_is_answered(scene.api, shown["id"])
    assert_nothing_is_kept(scene.installation, scene.receiver)


def test_nothing_stays_readable_where_a_worker_was_killed_in_the_middle(
    scene: Scene, minutes: bytes
) -> None:
    scene.file("hold").touch()
    first = scene.work()
    transcript_id = scene.submit_and_await_words(minutes)
    first.kill()
    scene.file("hold").unlink()
    scene.work()
    transcript = scene.api.ended(transcript_id)
    assert transcript["status"] == "completed", transcript["error"]
    scene.receiver.await_post("/hook")
    assert_nothing_is_answered(scene.api, transcript_id)
    assert_nothing_is_kept(scene.installation, scene.receiver)


def test_nothing_stays_readable_of_a_transcript_that_failed(scene: Scene, minutes: bytes) -> None:
    scene.file("hold").touch()
    scene.file("break").touch()
    scene.work()
    transcript_id = scene.submit_and_await_words(minutes)
    scene.file("hold").unlink()
    transcript = scene.api.ended(transcript_id)
    assert transcript["status"] == "error"
    scene.receiver.await_post("/hook")
    assert_nothing_is_answered(scene.api, transcript_id)
    assert_nothing_is_kept(scene.installation, scene.receiver)


def test_nothing_stays_readable_of_a_transcript_that_was_cancelled(
    scene: Scene, minutes: bytes
) -> None:
    scene.file("hold").touch()
    scene.work()
    transcript_id = scene.submit_and_await_words(minutes)
    scene.api.json("POST", f"/v2/transcript/{transcript_id}/cancel")
    scene.file("hold").unlink()
    scene.receiver.await_post("/hook")
    assert_nothing_is_answered(scene.api, transcript_id)
    assert_nothing_is_kept(scene.installation, scene.receiver)


def test_a_language_model_is_told_nothing_and_what_waits_for_it_is_redacted(
    install: Install, receiver: Receiver, speech: bytes
) -> None:
    may_answer = threading.Event()

    def reply(_asked: dict[str, Any]) -> Reply:
        may_answer.wait(PATIENCE_S)
        return Reply(json.dumps({"points": ["Somebody gives a number."]}))

    with serving(reply) as model:
        settings = {"EARSHOT_LLM_URL": model.url, "EARSHOT_LLM_MODEL": "m"}
        scene = Scene(install(EARSHOT_LOG_LEVEL="debug", **settings), receiver)
        worker = scene.work()
        transcript_id = scene.submit(speech, summarization=True)
        try:
            until(lambda: model.asked, "the model is asked")
            worker.kill()
        finally:
            may_answer.set()
        # The terms are in the row until the work is done; no word is in a file any more.
        told = told_on_disk(scene.installation.folder)
        assert {Path(path).name.partition("-")[0] for path in told} == {"earshot.db"}
        scene.work()
        transcript = scene.api.ended(transcript_id)
        assert transcript["summary"] == "- Somebody gives a number."
        assert told_in(json.dumps(model.asked)) == []
        receiver.await_post("/hook")
        assert_nothing_is_answered(scene.api, transcript_id)
        assert_nothing_is_kept(scene.installation, receiver)
