"""What one transcript's job keeps between its steps, in the media store under `work/<id>/`.

It lies there and not in the job's history, so that words and audio are in one place only, and are
gone when the job has ended.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

from pydantic import TypeAdapter

from earshot.pipeline.assembly import Recording
from earshot.pipeline.chunks import Chunk, Cut, Place
from earshot.pipeline.plan import Plan
from earshot.pipeline.voices import Voices
from earshot.storage.erasure import work_prefix
from earshot.storage.media import MediaStore
from earshot.transcript.findings import FeatureName, Findings
from earshot.transcript.result import LanguageFinding, TranscriptResult
from earshot.transcript.words import Word

_RESULT = TypeAdapter(TranscriptResult)
_FINDINGS = TypeAdapter(Findings)


@dataclass(frozen=True, slots=True)
class Workspace:
    """The files of one transcript on its way."""

    media: MediaStore
    transcript_id: str

    @property
    def prefix(self) -> str:
        return work_prefix(self.transcript_id)

    @property
    def source_key(self) -> str:
        """Where the downloaded recording goes."""
        return f"{self.prefix}/source"

    def save_chunk(self, index: int, chunk: Chunk) -> None:
        self.media.put(f"{self.prefix}/chunk-{index}", [chunk.to_bytes()])

    def load_chunk(self, index: int) -> Chunk:
        return Chunk.from_bytes(self.media.get(f"{self.prefix}/chunk-{index}"))

    def load_cuts(self) -> dict[Place, Cut]:
        """Place and length of the chunks that are here without a gap, in their order."""
        cuts: dict[Place, Cut] = {}
        while self.media.exists(f"{self.prefix}/chunk-{len(cuts)}"):
            chunk = self.load_chunk(len(cuts))
            cuts[chunk.place] = Cut(len(chunk.pcm), chunk.probabilities)
        return cuts

    def save_words(self, index: int, words: Sequence[Word]) -> None:
        self._save_words(f"words-{index}", words)

    def load_words(self, n_chunks: int) -> Iterator[Word]:
        """The words of all chunks, in the order of the chunks."""
        for index in range(n_chunks):
            yield from self._load_words(f"words-{index}")

    def find_words(self, index: int) -> Sequence[Word] | None:
        """The words of the chunk, if they were saved."""
        is_saved = self.media.exists(f"{self.prefix}/words-{index}")
        return self._load_words(f"words-{index}") if is_saved else None

    def _save_words(self, name: str, words: Sequence[Word]) -> None:
        content = json.dumps([asdict(word) for word in words]).encode()
        self.media.put(f"{self.prefix}/{name}", [content])

    def _load_words(self, name: str) -> Sequence[Word]:
        saved = json.loads(self.media.get(f"{self.prefix}/{name}"))
        return [Word(**fields) for fields in saved]

    def save_translation(self, index: int, words: Sequence[Word]) -> None:
        """Keep what the chunk's engine made of it in another language."""
        self._save_words(f"translation-{index}", words)

    def has_translation(self, index: int) -> bool:
        return self.media.exists(f"{self.prefix}/translation-{index}")

    def find_translation(self, n_chunks: int) -> Sequence[Word] | None:
        """The translation of all chunks, in their order; None where one has none."""
        if not all(map(self.has_translation, range(n_chunks))):
            return None
        names = (f"translation-{index}" for index in range(n_chunks))
        return [word for name in names for word in self._load_words(name)]

    def save_voices(self, index: int, voices: Voices) -> None:
        self.media.put(f"{self.prefix}/voices-{index}", [voices.to_bytes()])

    def load_voices(self, n_chunks: int) -> Iterator[Voices]:
        """The voices of all chunks, where speakers were asked for, in the order of the chunks."""
        for index in range(n_chunks):
            yield Voices.from_bytes(self.media.get(f"{self.prefix}/voices-{index}"))

    def save_plan(self, plan: Plan) -> None:
        self.media.put(f"{self.prefix}/plan", [json.dumps(asdict(plan)).encode()])

    def load_plan(self) -> Plan:
        fields = json.loads(self.media.get(f"{self.prefix}/plan"))
        if fields["finding"] is not None:
            fields["finding"] = LanguageFinding.from_json(fields["finding"])
        return Plan(**fields)

    def find_plan(self) -> Plan | None:
        """The plan, if one was saved."""
        return self.load_plan() if self.media.exists(f"{self.prefix}/plan") else None

    def save_notice(self, notice: str) -> None:
        """Keep what the caller should know of how chunks were recognised; the last one counts."""
        self.media.put(f"{self.prefix}/notice", [notice.encode()])

    def load_notice(self) -> str | None:
        key = f"{self.prefix}/notice"
        return self.media.get(key).decode() if self.media.exists(key) else None

    def save_recording(self, recording: Recording, n_chunks: int) -> None:
        content = json.dumps({"n_chunks": n_chunks, "recording": asdict(recording)}).encode()
        self.media.put(f"{self.prefix}/recording", [content])

    def load_recording(self) -> tuple[Recording, int]:
        """What decoding found out, and the number of chunks."""
        saved = json.loads(self.media.get(f"{self.prefix}/recording"))
        fields = saved["recording"]
        return Recording(**{**fields, "warnings": tuple(fields["warnings"])}), saved["n_chunks"]

    def save_result(self, result: TranscriptResult) -> None:
        """Keep the transcript as the caller will read it, while others are asked about it."""
        self.media.put(f"{self.prefix}/result", [_RESULT.dump_json(result)])

    def find_result(self) -> TranscriptResult | None:
        """The transcript, if it was put together and kept."""
        key = f"{self.prefix}/result"
        return _RESULT.validate_json(self.media.get(key)) if self.media.exists(key) else None

    def drop_words(self) -> None:
        """Delete the words of the chunks, as they were recognised."""
        index = 0
        while self.media.exists(key := f"{self.prefix}/words-{index}"):
            self.media.delete(key)
            index += 1

    def save_findings(self, feature: FeatureName, findings: Findings) -> None:
        self.media.put(f"{self.prefix}/findings-{feature}", [_FINDINGS.dump_json(findings)])

    def find_findings(self, feature: FeatureName) -> Findings | None:
        """What the feature found, if that was kept."""
        key = f"{self.prefix}/findings-{feature}"
        return _FINDINGS.validate_json(self.media.get(key)) if self.media.exists(key) else None

    def count_begin(self, feature: FeatureName) -> int:
        """How many times the feature had begun before; from now on, once more."""
        key = f"{self.prefix}/begun-{feature}"
        n_before = int(self.media.get(key)) if self.media.exists(key) else 0
        self.media.put(key, [str(n_before + 1).encode()])
        return n_before

    def clear(self) -> None:
        """Delete every file of the job."""
        self.media.delete_prefix(self.prefix)
