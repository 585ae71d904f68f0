"""Every error raised on purpose, in one tree.

    EarshotError
    |- CallerError            the caller can fix it; never retried; 4xx, or a failed transcript
    |  |- RequestInvalid          a field of a request breaks its rule
    |  |- KeyInvalid              no key, or one that opens nothing
    |  |- TokenExpired            a temporary token that is over
    |  |- TokenUsed               a token for one use, used a second time
    |  |- LiveSessionNotFound
    |  |- LiveSessionRefused      a server ended a session of ours, with its own words
    |  |- ProjectNotFound
    |  |- KeyNotFound             no live key of that name to revoke
    |  |- ProjectNamedInSettings  it cannot be renamed while they know it by its name
    |  |- AdminKeyNotFound
    |  |- AdminApiOff             no administrator has a key
    |  |- IdempotencyKeyReused    with another body than the first time
    |  |- UploadOfAnotherProject
    |  |- UploadEmpty
    |  |- UploadTooLarge
    |  |- BodyTooLarge            a body that is not an upload, over the limit
    |  |- TooManyRequests         at once; a moment later it will do
    |  |- LemurRequestNotFound    no answer of that id, or not any more
    |  |- TranscriptNotFound
    |  |- TranscriptNotCompleted
    |  |- TranscriptTextEmpty
    |  |- RedactedAudioNotRequested
    |  |- RedactedAudioUnavailable   it was deleted, or could not be made
    |  |- MediaLinkInvalid        a signed URL that is not ours, or has expired
    |  |- JobAlreadyEnded         it can no longer be cancelled
    |  |- JobCancelled            somebody asked for it to stop
    |  |- NameTaken               a key or project of that name exists
    |  |- AddressRefused          an address that the policy keeps us from connecting to
    |  |- NoAnswer                the other side could not be reached, or broke off
    |  |  `- NotReached           it could not
    |  |- ResponseTooLarge
    |  |- DownloadFailed
    |  |- AudioUnreadable
    |  |- AudioTooShort
    |  |- AudioTooLong
    |  |- AudioTruncated          it ends before its own header says
    |  |- ClipTooLong             more than is transcribed while its caller waits
    |  |- FormExpected            a body that is no form with a recording
    |  |- ModelUnknown            no model is called by that name here
    |  |- RecordingsNotFound      no folder of recordings to measure on, or one that cannot be used
    |  |- LanguageNotInstalled    no model of this server transcribes it
    |  |- ModelNotInLanguage      a model of understanding that does not know the language
    |  |- LanguageUncertain       it was detected with less confidence than was asked for
    |  |- NoSpokenAudio           nobody speaks whose language could be detected
    |  |- SpeakersNotInstalled    no model of this server tells speakers apart
    |  |- NamesNotInstalled       no model of this server finds names that must be hidden
    |  |- VoiceNotFound           no known voice of that name to delete
    |  |- VoiceTooShort           too little speech to know a voice by
    |  |- SeveralVoices           more than one person speaks where one is to be known
    |  |- VoiceUnlike             it is not like what is known under its name
    |  |- VoiceKnownAlready       under another name
    |  |- RecordingRefused        one of several files, for a reason of the above
    |  `- SpeechBelowThreshold
    `- OperatorError          we can fix it; may be retried; 5xx, or a failed transcript
       |- SettingsInvalid
       |- RequestNotUnderstood    a newer version took it in and asks for what this one cannot do
       |- StorageFull
       |- DatabaseUnavailable
       |- ServerStopping          it ends while somebody waits for a transcript
       |- DatabaseUnusable        it answers, but is damaged, not a database, or not ours to use
       |- TransitionImpossible    a status change that the state machine does not have
       |- ModelMissing
       |- ExtraMissing            a package of an optional extra is not installed
       |- ModelCorrupt
       |- DeviceUnusable          a GPU without memory, or without the libraries to reach it
       |- DecoderFailed           the isolated decoder died for a reason that is not the media's
       |- EncoderFailed           the isolated encoder died
       |- DiarizerFailed          the model of voices stopped with an error
       |- SecretsNotHidden        a live turn that came to be told before they were found
       |- PlacesTaken             as many callers wait for a transcript as may
       |- ModelsLoading           it has only just started
       |- ModelsUnusable          they are missing or damaged, and somebody waits for a transcript
       |- SyncNotServed           this process has no models: another one of the server has
       |- TranscriptTooLate       it was not ready within the time that is promised
       |- LanguageModelUnavailable   a request that only it can answer waited in vain
       |- LlmFailed               a language model's endpoint was of no use
       |  |- LlmUnavailable       it did not answer, or refused
       |  |- LlmRequestTooLong    more than its model reads at once
       |  `- LlmAnswerUnusable    what it answered is not what was asked for
       `- JobAttemptsExhausted    a recording that ended its worker every time

`str(error)` is fit to show to the caller: it holds no internals, no key, no transcript text. What
only the operator may see goes to the log where the error is handled, not into the message.
"""

from collections.abc import Sequence
from typing import ClassVar, Final

_UNDETERMINED: Final = "und"  # what a detector says of a language that it has no name for


class EarshotError(Exception):
    """Root of the tree; `code` is stable and safe to program against."""

    code: ClassVar[str] = "error"


class CallerError(EarshotError):
    """The caller can fix it."""


class OperatorError(EarshotError):
    """We, or whoever runs this server, can fix it."""


class RequestInvalid(CallerError):
    """A field of a request breaks its rule; the message names the field and the rule."""

    code = "request_invalid"


class KeyInvalid(CallerError):
    """No key was given, or one that is unknown or revoked."""

    code = "key_invalid"

    def __init__(self) -> None:
        super().__init__("Authentication error, API token missing/invalid")


class TokenExpired(CallerError):
    """A temporary token whose time is over."""

    code = "token_expired"

    def __init__(self) -> None:
        super().__init__("Signature has expired")  # as the compatible API says it


class TokenUsed(CallerError):
    """A token for one use that was used before."""

    code = "token_used"

    def __init__(self) -> None:
        super().__init__("Token has already been used")


class LiveSessionNotFound(CallerError):
    """No live session of that id in the caller's project goes on right now."""

    code = "live_session_not_found"

    def __init__(self) -> None:
        super().__init__("No live session of that id goes on")


class LiveSessionRefused(CallerError):
    """A server that we are a client of ended our live session; the message is the server's."""

    code = "live_session_refused"


class ProjectNotFound(CallerError):
    """No project of that name."""

    code = "project_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no project is named {name!r}; a project is made with its first key")


class KeyNotFound(CallerError):
    """No live key of that name in the project."""

    code = "key_not_found"

    def __init__(self, name: str, project_name: str | None = None) -> None:
        place = "" if project_name is None else f" in project {project_name!r}"
        super().__init__(f"no live key named {name!r}{place}")


class ProjectNamedInSettings(CallerError):
    """A project that is to be renamed, and that settings know by its name."""

    code = "project_named_in_settings"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"settings name the project {name!r}, and would no longer mean it: stop the server, "
            "change them, rename the project with `earshot admin`, and start again"
        )


class AdminKeyNotFound(CallerError):
    """No administrator's key of that name."""

    code = "admin_key_not_found"

    def __init__(self, name: str) -> None:
        super().__init__(f"no admin key is named {name!r}")


class AdminApiOff(CallerError):
    """The administrators' API of an installation where no administrator has a key."""

    code = "admin_api_off"

    def __init__(self) -> None:
        super().__init__("Not found")


class IdempotencyKeyReused(CallerError):
    """An `Idempotency-Key` that came before, with another request."""

    code = "idempotency_key_reused"

    def __init__(self) -> None:
        super().__init__(
            "Idempotency-Key was used with another request body; use a new key for a new request"
        )


class UploadOfAnotherProject(CallerError):
    """The upload named in `audio_url` was made with a key of another project."""

    code = "upload_of_another_project"

    def __init__(self) -> None:
        super().__init__("Cannot access uploaded file")


class UploadEmpty(CallerError):
    """An upload without a byte in it."""

    code = "upload_empty"

    def __init__(self) -> None:
        super().__init__("Upload failed: the request body is empty")


class UploadTooLarge(CallerError):
    """An upload over the limit."""

    code = "upload_too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"Upload failed: the file is larger than {max_bytes} bytes")


class BodyTooLarge(CallerError):
    """A request's body, other than an upload, over the limit."""

    code = "body_too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"Request body must be at most {max_bytes} bytes")


class TooManyRequests(CallerError):
    """More at once than this server does at once."""

    code = "too_many_requests"

    def __init__(self) -> None:
        super().__init__("Too Many Requests")


class LemurRequestNotFound(CallerError):
    """No answer of that id in the caller's project, or it was deleted."""

    code = "lemur_request_not_found"

    def __init__(self) -> None:
        super().__init__("Not found")


class TranscriptNotFound(CallerError):
    """No transcript of that id in the caller's project."""

    code = "transcript_not_found"

    def __init__(self) -> None:
        super().__init__("Transcript lookup error, transcript id not found")


class TranscriptNotCompleted(CallerError):
    """An export was asked for before the transcript was completed."""

    code = "transcript_not_completed"

    def __init__(self, status: str, wanted: str) -> None:
        super().__init__(
            f"This transcript has a status of '{status}'. "
            f"Transcripts must have a status of 'completed' before requesting {wanted}."
        )


class TranscriptTextEmpty(CallerError):
    """What is made of words, asked of a transcript without any."""

    code = "transcript_text_empty"

    def __init__(self) -> None:
        super().__init__("Transcript text is empty")


class RedactedAudioNotRequested(CallerError):
    """Redacted audio of a transcript that was submitted without `redact_pii_audio`."""

    code = "redacted_audio_not_requested"

    def __init__(self) -> None:
        super().__init__(
            "A redacted audio file for this transcript ID doesn't exist. "
            "Try submitting the transcript again with `redact_pii_audio` set to `true`."
        )


class RedactedAudioUnavailable(CallerError):
    """Redacted audio that was asked for, and is not there, or not any more."""

    code = "redacted_audio_unavailable"

    def __init__(self) -> None:
        super().__init__(
            "There is no redacted audio of this transcript: its time is over, the transcript "
            "failed, the recording has no speech, or `metadata` of the transcript says why."
        )


class MediaLinkInvalid(CallerError):
    """A URL of media whose signature is not ours, or whose time is over."""

    code = "media_link_invalid"

    def __init__(self) -> None:
        super().__init__("AccessDenied")


class JobAlreadyEnded(CallerError):
    """A job that has ended can no longer be cancelled."""

    code = "job_already_ended"

    def __init__(self, status: str) -> None:
        super().__init__(f"This transcript has a status of '{status}' and cannot be cancelled.")


class JobCancelled(CallerError):
    """Somebody asked for the job to stop."""

    code = "job_cancelled"

    def __init__(self) -> None:
        super().__init__("Cancelled by user.")


class NameTaken(CallerError):
    """A key or project of that name exists already."""

    code = "name_taken"


class AddressRefused(CallerError):
    """The address policy forbids the connection; the reason is for the log only."""

    code = "address_refused"


class NoAnswer(CallerError):
    """The other side could not be reached, or broke off; the reason is for the log only."""

    code = "no_answer"


class NotReached(NoAnswer):
    """No connection to the other side came about: it has not seen what it was to be asked."""

    code = "not_reached"


class ResponseTooLarge(CallerError):
    """The other side sent more than we take."""

    code = "response_too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(f"the answer is larger than {max_bytes} bytes")


class DownloadFailed(CallerError):
    """The audio URL could not be downloaded; the message repeats the URL as it was given."""

    code = "download_failed"

    def __init__(self, url: str, *, status_line: str | None = None) -> None:
        """`status_line` is the answer's status and reason ("403 Client Error: Forbidden")."""
        if status_line is None:
            message = (
                f"Download error, unable to download {url}. Please make sure the file exists "
                "and is accessible from the internet."
            )
        else:
            message = f"Download error to {url}, {status_line} for url: {url}"
        super().__init__(message)


class AudioUnreadable(CallerError):
    """The media holds no audio that can be decoded; `file_type` starts with its MIME type."""

    code = "audio_unreadable"

    def __init__(self, file_type: str) -> None:
        super().__init__(
            f"Transcoding failed. File does not appear to contain audio. File type is {file_type}."
        )


class AudioTooShort(CallerError):
    """Less than 160 ms of audio."""

    code = "audio_too_short"

    def __init__(self) -> None:
        super().__init__("Audio duration is too short.")


class AudioTooLong(CallerError):
    """More than 10 h of audio."""

    code = "audio_too_long"

    def __init__(self) -> None:
        super().__init__("Audio duration is too long")


class AudioTruncated(CallerError):
    """A recording that ends before its own header says, where only a whole one will do."""

    code = "audio_truncated"

    def __init__(self) -> None:
        super().__init__("truncated WAV: the audio ends before its header says")


class ClipTooLong(CallerError):
    """More audio than is transcribed while its caller waits; a job takes up to 10 h."""

    code = "clip_too_long"

    def __init__(self, duration_ms: int, limit_ms: int) -> None:
        super().__init__(f"audio duration {duration_ms} ms exceeds limit {limit_ms} ms")


class FormExpected(CallerError):
    """A body that is not multipart/form-data; the message says which parts there should be."""

    code = "form_expected"


class ModelUnknown(CallerError):
    """A model that neither is here nor stands for one that is."""

    code = "model_unknown"

    def __init__(self, name: str, known: Sequence[str]) -> None:
        super().__init__(f"The model '{name}' does not exist here; known: {', '.join(known)}")


class SpeechBelowThreshold(CallerError):
    """Too small a share of the audio is speech for the requested `speech_threshold`."""

    code = "speech_below_threshold"

    def __init__(self, found: float, requested: float) -> None:
        super().__init__(
            f"Audio speech threshold {found:.4f} is below the requested "
            f"speech threshold value {requested}"
        )


class LanguageNotInstalled(CallerError):
    """No installed model transcribes the language that was asked for or detected."""

    code = "language_not_installed"

    def __init__(self, parameter: str, language_code: str) -> None:
        asked = f"{parameter} '{language_code}'"
        if language_code == _UNDETERMINED:
            asked = "the language of this recording, which is not English,"
        super().__init__(
            f"{asked} is not available on this server: no installed model "
            "transcribes it. Run: earshot models pull whisper-small"
        )


class ModelNotInLanguage(CallerError):
    """A model of understanding does not know the language of the recording, and is not optional."""

    code = "model_not_in_language"

    def __init__(self, model: str) -> None:
        super().__init__(f"The following models are not available in this language: {model}")


class SpeakersNotInstalled(CallerError):
    """No installed model tells speakers apart, and that was asked for."""

    code = "speakers_not_installed"

    def __init__(self) -> None:
        super().__init__(
            "speaker_labels is not available on this server: the model that tells speakers apart "
            "is not installed. Run: earshot models pull pyannote"
        )


class NamesNotInstalled(CallerError):
    """What is to be hidden has no form, and the encoder that its tagger reads with is missing."""

    code = "names_not_installed"

    def __init__(self, policies: Sequence[str]) -> None:
        super().__init__(
            f"redact_pii_policies not available on this server: {', '.join(policies)}: the model "
            "that finds what has no form is not installed. Run: earshot models pull minilm"
        )


class RecordingsNotFound(CallerError):
    """No recordings to measure on; the message says what is wrong and how a folder should look."""

    code = "recordings_not_found"


class LanguageUncertain(CallerError):
    """The language was detected with less confidence than `language_confidence_threshold`."""

    code = "language_uncertain"

    def __init__(self, language_code: str, confidence: float, requested: float) -> None:
        is_named = language_code != _UNDETERMINED
        language = f"language '{language_code}'" if is_named else "a language other than English"
        super().__init__(
            f"detected {language}, confidence {confidence:.4f}, is below the "
            f"requested confidence threshold value of '{requested}'"
        )


class NoSpokenAudio(CallerError):
    """The language is to be detected where nobody speaks."""

    code = "no_spoken_audio"

    def __init__(self) -> None:
        super().__init__("language_detection cannot be performed on files with no spoken audio.")


class VoiceNotFound(CallerError):
    """No known voice of that name in the project."""

    code = "voice_not_found"

    def __init__(self, name: str, project_name: str) -> None:
        super().__init__(f"no known voice is named {name!r} in project {project_name!r}")


class VoiceTooShort(CallerError):
    """A recording with too little speech of one person alone to know the voice by."""

    code = "voice_too_short"

    def __init__(self, clean_ms: int, needed_ms: int) -> None:
        super().__init__(
            f"there are {clean_ms / 1000:.1f} s of one person's speech in it, and a voice is known "
            f"by {needed_ms / 1000:.0f} s or more"
        )


class SeveralVoices(CallerError):
    """A recording to know one voice by, in which others speak too."""

    code = "several_voices"

    def __init__(self, share: float) -> None:
        super().__init__(
            f"more than one person speaks in it: {share:.0%} of the speech is not by the one who "
            "speaks most; cut it to one person"
        )


class VoiceUnlike(CallerError):
    """A recording that does not sound like the others of the same name."""

    code = "voice_unlike"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"it does not sound like what is known of {name!r}; to start anew, delete that first"
        )


class VoiceKnownAlready(CallerError):
    """A voice that is known by another name: two names for one voice cannot be told apart."""

    code = "voice_known_already"

    def __init__(self, name: str) -> None:
        super().__init__(f"it sounds like {name!r}, who is known already; a voice has one name")


class RecordingRefused(CallerError):
    """One of several files that were given; the message names it, and says why."""

    code = "recording_refused"

    def __init__(self, file_name: str, reason: EarshotError) -> None:
        super().__init__(f"{file_name}: {reason}")


class SettingsInvalid(OperatorError):
    """A setting that cannot work; the message names it and says what would."""

    code = "settings_invalid"


class RequestNotUnderstood(OperatorError):
    """A newer version of ours took the request in, and it asks for what this one cannot do."""

    code = "request_not_understood"

    def __init__(self) -> None:
        super().__init__("a newer release took the request in; upgrade the workers")


class StorageFull(OperatorError):
    """The media store has no room left."""

    code = "storage_full"

    def __init__(self) -> None:
        super().__init__("Insufficient storage on this server; nothing was kept of this request")


class DatabaseUnavailable(OperatorError):
    """The database did not answer, or stayed locked for longer than we wait."""

    code = "database_unavailable"

    def __init__(self) -> None:
        super().__init__("The database is not available right now; try again")


class ServerStopping(OperatorError):
    """This server ends while somebody waits for a transcript.

    One of that id does not end with it.
    """

    code = "server_stopping"

    def __init__(self, transcript_id: str | None = None) -> None:
        super().__init__(
            "This server is being stopped; send the request again"
            if transcript_id is None
            else "This server is being stopped. The transcript is not: ask again with the same "
            f"Idempotency-Key, or for GET /v2/transcript/{transcript_id}"
        )


class DatabaseUnusable(OperatorError):
    """The database answers, and will not do what we need: damaged, or closed to this user."""

    code = "database_unusable"

    def __init__(self) -> None:
        super().__init__("The database answers, but cannot be used")


class TransitionImpossible(OperatorError):
    """A status change that the state machine does not have."""

    code = "transition_impossible"

    def __init__(self, *, expected: str, met: str) -> None:
        super().__init__(f"expected a transcript that is {expected}, met one that is {met}")
        self.met = met


class ModelMissing(OperatorError):
    """A model whose files are not on this machine; the message says how to get them."""

    code = "model_missing"


class ExtraMissing(OperatorError):
    """A package that only an optional extra brings along."""

    code = "extra_missing"

    def __init__(self, extra: str, package: str) -> None:
        super().__init__(f"{package} is not installed. Run, {how_to_install(extra)}")


def how_to_install(extra: str) -> str:
    """The command that adds an extra to what `./start` installed.

    Out of our own folder: the package index has another project by our name.
    """
    return f"in the folder with Earshot's source: .venv/bin/pip install -e '.[{extra}]'"


class ModelCorrupt(OperatorError):
    """A model file whose checksum is not the published one."""

    code = "model_corrupt"


class DeviceUnusable(OperatorError):
    """A GPU that has no memory left, or no libraries to reach it by; the reason is its driver's."""

    code = "device_unusable"


class DecoderFailed(OperatorError):
    """The isolated decoder died or broke its protocol for a reason that is not the media's."""

    code = "decoder_failed"


class EncoderFailed(OperatorError):
    """The isolated encoder of redacted audio died, or broke its protocol."""

    code = "encoder_failed"

    def __init__(self) -> None:
        super().__init__("The audio encoder stopped before it was done")


class DiarizerFailed(OperatorError):
    """The model that tells speakers apart stopped with an error on this recording.

    The cause is for the operator: its message may name files of this machine.
    """

    code = "diarizer_failed"

    def __init__(self, cause: Exception) -> None:
        reason = "stopped with an error"
        if isinstance(cause, ModelMissing | ModelCorrupt):
            reason = "is missing or damaged on this server"
        super().__init__(
            f"speaker_labels failed: the model that tells speakers apart {reason}. Without"
            " speaker_labels there would be a transcript"
        )


class SecretsNotHidden(OperatorError):
    """A turn of a live session with redaction was about to be told with what it must hide.

    That is a fault of ours: the session ends, and the turn is not told.
    """

    code = "secrets_not_hidden"

    def __init__(self) -> None:
        super().__init__("A turn was not told: what must be hidden in it was not looked for")


class PlacesTaken(OperatorError):
    """As many callers as may wait for a transcript do so; a moment later there is room."""

    code = "places_taken"

    def __init__(self) -> None:
        super().__init__("Every place for transcription is taken; try again in a moment")


class ModelsLoading(OperatorError):
    """The models are being loaded; a moment later they are there."""

    code = "models_loading"

    def __init__(self) -> None:
        super().__init__("The models are being loaded; try again in a moment")


class ModelsUnusable(OperatorError):
    """The models could not be loaded; which, and why, is in the log."""

    code = "models_unusable"

    def __init__(self) -> None:
        super().__init__("The models of this server cannot be loaded; its log says why")


class SyncNotServed(OperatorError):
    """A process without models was asked to transcribe at once."""

    code = "sync_not_served"

    def __init__(self) -> None:
        super().__init__(
            "This process has no models, and will not have them when you try again: send the "
            "request to one that runs with --role live or all"
        )


class TranscriptTooLate(OperatorError):
    """A transcript that was not ready within the time that its caller is promised."""

    code = "transcript_too_late"

    def __init__(self, limit_s: float) -> None:
        super().__init__(f"The transcript was not ready within {limit_s:.0f} s")


class LanguageModelUnavailable(OperatorError):
    """A request that only a language model can answer, and that it did not answer in time."""

    code = "language_model_unavailable"

    def __init__(self) -> None:
        super().__init__("The language model of this server did not answer; try again")


class LlmFailed(OperatorError):
    """The endpoint of a language model was of no use."""

    code = "llm_failed"


class LlmUnavailable(LlmFailed):
    """The endpoint did not answer in time, or refused; `reason` holds no secret."""

    code = "llm_unavailable"

    def __init__(self, endpoint: str, reason: str) -> None:
        super().__init__(f"the language model '{endpoint}' is not available: {reason}")


class LlmRequestTooLong(LlmFailed):
    """The endpoint refused to read as much at once."""

    code = "llm_request_too_long"

    def __init__(self, endpoint: str) -> None:
        super().__init__(f"the language model '{endpoint}' does not read as much at once")


class LlmAnswerUnusable(LlmFailed):
    """The endpoint answered, and its answer does not have the form that was asked for."""

    code = "llm_answer_unusable"

    def __init__(self, endpoint: str, what_is_wrong: str = "cannot be used") -> None:
        super().__init__(f"the language model '{endpoint}' gave an answer that {what_is_wrong}")


class JobAttemptsExhausted(OperatorError):
    """A job that ended its worker on every attempt."""

    code = "job_attempts_exhausted"

    def __init__(self) -> None:
        super().__init__("Server error, developers have been alerted.")
