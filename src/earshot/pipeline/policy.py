"""The knobs of the pipeline."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How long things are kept: uploads that no transcript uses, and, if set, transcripts."""

    unused_upload_h: float = 24.0  # "Unused upload deleted after 24 h"
    transcript_ttl_h: float | None = None
