"""The knobs of the pipeline."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How long things are kept: uploads that no transcript uses; if set, others and transcripts.

    `used_upload_h` counts from the end of the upload's last transcript; None keeps it until that
    one is deleted. `redacted_audio_h` counts from the end of the transcript.
    """

    unused_upload_h: float = 24.0  # "Unused upload deleted after 24 h"
    used_upload_h: float | None = None
    transcript_ttl_h: float | None = None
    redacted_audio_h: float = 24.0  # "redacted audio: 24 h"
