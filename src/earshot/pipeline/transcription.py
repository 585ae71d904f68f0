"""The steps of one transcript's job: prepare, recognise each chunk, finish; or fail.

Any step may run twice: a worker that is killed leaves its step to another one. What a step leaves
behind is therefore written under names that the second run writes again, and the result becomes
visible in one transaction.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from threading import BoundedSemaphore

import sqlalchemy as sa

from earshot.accounts.usage import Product, UsageOwner, record_all_tokens, record_audio
from earshot.egress.fetch import AudioFetcher
from earshot.errors import (
    CallerError,
    DiarizerFailed,
    EarshotError,
    JobAttemptsExhausted,
    OperatorError,
    TransitionImpossible,
)
from earshot.pipeline.assembly import assemble_transcript
from earshot.pipeline.chunks import Chunk, recognize_chunk
from earshot.pipeline.decoding import decode_to_chunks
from earshot.pipeline.intake import Intake
from earshot.pipeline.known_voices import KnownVoices, load_known_voices
from earshot.pipeline.planning import Planner
from earshot.pipeline.redacted_audio import RedactedAudio
from earshot.pipeline.speech_translation import (
    assemble_translation,
    can_translate_speech,
    translating_hints,
)
from earshot.pipeline.stages import Stages
from earshot.pipeline.understanding import (
    finished_transcript,
    redact,
    share_tagger,
    with_findings,
)
from earshot.pipeline.voices import hear_voices
from earshot.pipeline.workspace import Workspace
from earshot.storage.database import empty_log, reading
from earshot.storage.media import MediaStore
from earshot.storage.projects import find_project
from earshot.storage.transcripts import (
    TranscriptRow,
    begin_transcript,
    complete_transcript,
    fail_transcript,
    find_transcript,
)
from earshot.storage.uploads import find_upload
from earshot.transcript.clock import Clock
from earshot.transcript.options import TranscriptOptions, UnderstandingOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.status import TranscriptStatus
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.feature import FinishedTranscript, SpeechTranslation
from earshot.understanding.find_out import find_out

# One less than a step has attempts: the last of them does without a feature that ends its process.
MAX_FEATURE_BEGINS = 2
Announce = Callable[[sa.Connection], None]  # queues the webhook in the transaction it is given
Offer = Callable[[int], None]  # has the chunk with this index recognised, before or after the rest


class Transcription:
    """Runs the steps of any transcript of this server; safe to call from several threads."""

    def __init__(
        self,
        engine: sa.Engine,
        media: MediaStore,
        fetcher: AudioFetcher,
        stages: Stages,
        clock: Clock,
        *,
        n_decoders: int = 1,
    ) -> None:
        """`n_decoders` recordings are decoded at once; each may take the memory of its limit."""
        self._engine = engine
        self._media = media
        self._fetcher = fetcher
        self._stages = stages
        self._clock = clock
        self._decoders = BoundedSemaphore(n_decoders)
        self._redacted_audio = RedactedAudio(media, stages.decoder)

    def prepare(self, transcript_id: str, offer: Offer = lambda _: None) -> int:
        """Fetch, decode and cut the recording; returns the number of chunks, 0 for none.

        `offer` is told the index of each chunk as soon as it can be recognised. Raises
        TransitionImpossible where the transcript has ended meanwhile, and SpeakersNotInstalled.
        """
        with self._engine.begin() as connection:
            row = begin_transcript(connection, transcript_id, self._clock())
        self._stages.diarizer_for(row.options)  # better now than after the first chunk
        self._stages.tagger_for(row.options)
        workspace = Workspace(self._media, transcript_id)
        planner = Planner(row.options, self._stages.recognizers, workspace.find_plan())
        intake = Intake(workspace, planner, offer, lambda: self._require_under_way(workspace))
        with self._source_file(row, workspace) as path, self._decoders:
            recording = decode_to_chunks(
                path, row.options, self._stages, intake.take, earlier=intake.earlier
            )
        n_chunks = intake.conclude()
        workspace.save_recording(recording, n_chunks)
        self._require_under_way(workspace)
        return n_chunks

    def recognize(self, transcript_id: str, chunk_index: int) -> None:
        """Recognise one chunk and save its words and, where these are asked for, what else is.

        That is the voices of speakers, and a translation where nothing else makes one.
        """
        workspace = Workspace(self._media, transcript_id)
        row = self._require_under_way(workspace)
        chunk = workspace.load_chunk(chunk_index)
        # They may be of an attempt that came no further than the voices.
        words = workspace.find_words(chunk_index)
        if words is None:
            words = self._recognize(chunk, row.options, workspace)
            workspace.save_words(chunk_index, words)
        if self._is_to_translate(row, workspace) and not workspace.has_translation(chunk_index):
            workspace.save_translation(chunk_index, self._translate(chunk, workspace))
        if diarizer := self._stages.diarizer_for(row.options):
            workspace.save_voices(chunk_index, hear_voices(chunk, words, diarizer))
        self._require_under_way(workspace)

    def _recognize(
        self, chunk: Chunk, options: TranscriptOptions, workspace: Workspace
    ) -> Sequence[Word]:
        plan = workspace.load_plan()
        hints = plan.hints(options)
        with self._stages.recognizers.lease(plan.engine) as recognizer:
            words = recognize_chunk(chunk, recognizer, hints)
            notice = self._stages.recognizers.notice(plan.engine, hints)
        if notice is not None:
            workspace.save_notice(notice)
        return words

    def _is_to_translate(self, row: TranscriptRow, workspace: Workspace) -> bool:
        """Whether the engine is to translate what it hears, as no language model will."""
        if row.options.understanding.translation is None:
            return False
        plan = workspace.load_plan()
        return can_translate_speech(
            row.options, plan, self._stages.recognizers
        ) and not self._stages.has_language_model(self._project_name(row))

    def _translate(self, chunk: Chunk, workspace: Workspace) -> Sequence[Word]:
        plan = workspace.load_plan()
        with self._stages.recognizers.lease(plan.engine) as recognizer:
            return recognize_chunk(chunk, recognizer, translating_hints(plan))

    def _translation(self, row: TranscriptRow, workspace: Workspace) -> SpeechTranslation | None:
        """What was said in another language, where every chunk was translated."""
        if not self._is_to_translate(row, workspace):
            return None
        _, n_chunks = workspace.load_recording()
        words = workspace.find_translation(n_chunks)
        plan = workspace.load_plan()
        return None if words is None else assemble_translation(words, row.options, plan)

    def finish(self, transcript_id: str, announce: Announce) -> bool:
        """Put the transcript together and complete it, webhook included, in one transaction.

        False where `ask` is to come first. What is put together is kept until then, redacted if so
        asked, and the words as they were recognised are deleted.
        """
        row = self._find(transcript_id)
        workspace = Workspace(self._media, transcript_id)
        if row.completed_at is None:
            result = self._understood(row, workspace)
            if result is None:
                self._require_under_way(workspace)
                return False
            self._complete(row, workspace, result, announce)
        workspace.clear()
        self._forget_secrets(row)
        return True

    def _complete(
        self, row: TranscriptRow, workspace: Workspace, result: TranscriptResult, announce: Announce
    ) -> None:
        try:
            with self._engine.begin() as connection:
                now = self._clock()
                complete_transcript(connection, row.id, result, now)
                owner = UsageOwner(row.project_id, row.key_id)
                used = (Product.TRANSCRIPTION, result.engine)
                record_audio(connection, owner, *used, audio_ms=result.duration_ms, now=now)
                if result.findings is not None:
                    record_all_tokens(connection, owner, result.findings.tokens, now)
                if row.webhook_url is not None:
                    announce(connection)
        except TransitionImpossible:
            self._require_under_way(workspace)
            raise

    def ask(self, transcript_id: str) -> None:
        """Have others asked about the transcript that `finish` has kept; mostly waits.

        What each feature finds is kept as soon as it has. Before each question it is made sure that
        the transcript was not cancelled; raises TransitionImpossible where it was.
        """
        workspace = Workspace(self._media, transcript_id)
        row = self._require_under_way(workspace)
        kept = workspace.find_result()
        assert kept is not None  # `finish` has kept it
        transcript = self._finished(row, workspace, kept, kept.words)
        asked, features = row.options.understanding, self._stages.asking_features
        find_out(transcript, asked, features, workspace, max_begins=MAX_FEATURE_BEGINS)
        self._require_under_way(workspace)

    def fail(self, transcript_id: str, error: Exception, announce: Announce) -> None:
        """End the transcript with the error, webhook included, in one transaction.

        Raises TransitionImpossible where it has ended already.
        """
        told = _told_to_the_caller(error)
        code = error.code if isinstance(error, EarshotError) else EarshotError.code
        Workspace(self._media, transcript_id).clear()
        with self._engine.begin() as connection:
            row = fail_transcript(connection, transcript_id, str(told), self._clock(), code=code)
            if row.webhook_url is not None:
                announce(connection)
        self._redacted_audio.forget(transcript_id)
        self._forget_secrets(row)

    def _forget_secrets(self, row: TranscriptRow) -> None:
        """Leave nothing in the database's log of what was to be hidden; the row has lost it."""
        if row.options.redaction is not None:
            empty_log(self._engine)

    def _known_voices(self, row: TranscriptRow) -> KnownVoices | None:
        """Whom the speakers are compared with, if that is asked for."""
        diarizer = self._stages.diarizer_for(row.options)
        if diarizer is None or not row.options.names_known_voices:
            return None
        with reading(self._engine) as connection:
            return load_known_voices(connection, row.project_id, diarizer.name)

    def _understood(self, row: TranscriptRow, workspace: Workspace) -> TranscriptResult | None:
        """The result, redacted if so asked, with what is to be found out about it.

        None where others are to be asked for some of it; it is kept then, with all the rest.
        """
        asked = row.options.understanding
        kept = None if asked.asks_nothing else workspace.find_result()
        assembled = self._assembled(row, workspace) if kept is None else kept
        tagger = share_tagger(self._stages.tagger)
        shown = self._redacted(row, workspace, assembled, tagger) if kept is None else kept
        if asked.asks_nothing:
            return shown
        transcript = self._finished(row, workspace, shown, assembled.words, tagger)
        if not self._must_ask(asked, workspace):
            features = (*self._stages.features, *self._stages.asking_features)
            findings = find_out(
                transcript, asked, features, workspace, max_begins=MAX_FEATURE_BEGINS
            )
            return with_findings(shown, findings)
        if kept is None:
            features = self._stages.features
            find_out(transcript, asked, features, workspace, max_begins=MAX_FEATURE_BEGINS)
            workspace.save_result(shown)
        workspace.drop_words()
        return None

    def _redacted(
        self,
        row: TranscriptRow,
        workspace: Workspace,
        assembled: TranscriptResult,
        tagger: Tagger | None,
    ) -> TranscriptResult:
        """The result of which everything may be shown; its redacted audio is kept, if so asked."""
        shown = redact(assembled, row.options.redaction, tagger)
        if row.options.redacted_audio is None:
            return shown
        with self._source_file(row, workspace) as path, self._decoders:
            warnings = self._redacted_audio.keep(
                row.id, path, row.options, assembled.words, shown.words
            )
        return replace(shown, warnings=(*shown.warnings, *warnings))

    def _assembled(self, row: TranscriptRow, workspace: Workspace) -> TranscriptResult:
        recording, n_chunks = workspace.load_recording()
        recording = recording.with_warning(workspace.load_notice())
        words = workspace.load_words(n_chunks)
        plan = workspace.load_plan()
        voices = workspace.load_voices(n_chunks) if row.options.speakers else ()
        known = self._known_voices(row)
        return assemble_transcript(words, recording, row.options, plan, voices, known)

    def _must_ask(self, asked: UnderstandingOptions, workspace: Workspace) -> bool:
        """Whether anything is asked for that only others know, and that is not in the notes."""
        return any(
            feature.is_asked_for(asked) and workspace.find_findings(feature.name) is None
            for feature in self._stages.asking_features
        )

    def _finished(
        self,
        row: TranscriptRow,
        workspace: Workspace,
        shown: TranscriptResult,
        spoken: tuple[Word, ...],
        tagger: Tagger | None = None,
    ) -> FinishedTranscript:
        def require_wanted() -> None:
            self._require_under_way(workspace)

        return finished_transcript(
            shown,
            spoken,
            self._project_name(row),
            require_wanted,
            row.options.redaction,
            self._translation(row, workspace),
            tagger,
        )

    def _project_name(self, row: TranscriptRow) -> str:
        with reading(self._engine) as connection:
            project = find_project(connection, row.project_id)
        assert project is not None  # transcripts refer to theirs
        if project.deleted_at is not None:  # and its name, which settings may go by, is gone
            raise TransitionImpossible(expected="of a project", met="deleted")
        return project.name

    def _find(self, transcript_id: str) -> TranscriptRow:
        with reading(self._engine) as connection:
            row = find_transcript(connection, transcript_id)
        if row is None:
            raise OperatorError(f"there is a job, but no transcript, of id {transcript_id}")
        return row

    def _require_under_way(self, workspace: Workspace) -> TranscriptRow:
        """The transcript's row; raises TransitionImpossible if it has ended.

        Asked after writing too: who ended it deleted the work files before these were there.
        """
        row = self._find(workspace.transcript_id)
        if row.completed_at is not None:
            workspace.clear()
            if row.status is TranscriptStatus.ERROR or row.deleted_at is not None:
                self._redacted_audio.forget(row.id)
            raise TransitionImpossible(expected="processing", met=row.status)
        return row

    @contextmanager
    def _source_file(self, row: TranscriptRow, workspace: Workspace) -> Iterator[Path]:
        """The recording as a file: the caller's upload, or what its URL gives."""
        key = self._source_key(row, workspace)
        with self._media.local_file(key) as path:
            yield path

    def _source_key(self, row: TranscriptRow, workspace: Workspace) -> str:
        if row.upload_id is not None:
            with reading(self._engine) as connection:
                upload = find_upload(connection, row.upload_id)
            if upload is None:
                raise OperatorError(f"the upload of transcript {row.id} is gone")
            return upload.media_key
        if self._media.exists(workspace.source_key):
            return workspace.source_key  # of a run that broke off: its chunks must be cut again
        chunks = self._fetcher.fetch_audio(
            row.audio_url,
            allow_private=row.allows_private_hosts,
            project_name=self._project_name(row),
        )
        with closing(chunks):
            self._media.put(workspace.source_key, chunks)
        return workspace.source_key


def _told_to_the_caller(error: Exception) -> EarshotError:
    """What the caller reads of an error: what they can do something about, and no more."""
    for met in (error, error.__cause__):
        if isinstance(met, CallerError | DiarizerFailed):
            return met
    return JobAttemptsExhausted()
