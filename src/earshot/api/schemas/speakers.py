"""How speakers are told apart, from the wire's parameters."""

from earshot.api.schemas.parameters import EchoedParameters, SpeakerOptions
from earshot.transcript import options as transcript_options

_NO_OPTIONS = SpeakerOptions()
_BOUNDS = ("min_speakers_expected", "max_speakers_expected")


def speakers_of(wire: EchoedParameters) -> transcript_options.SpeakerOptions | None:
    """How the speakers are to be told apart; None where nobody asked for that."""
    if not wire.speaker_labels:
        return None
    options = wire.speaker_options or _NO_OPTIONS
    return transcript_options.SpeakerOptions(
        expected=wire.speakers_expected,
        minimum=options.min_speakers_expected or 1,
        maximum=options.max_speakers_expected,
        names_known_voices=bool(options.name_known_voices),
    )


def speaker_warnings(wire: EchoedParameters) -> list[str]:
    """A sentence for each option about speakers that changes nothing, where they are told apart."""
    if not wire.speaker_labels:
        return []
    options = wire.speaker_options or _NO_OPTIONS
    warnings = [
        f"speaker_options.{name} has no effect together with speakers_expected"
        for name in _BOUNDS
        if wire.speakers_expected is not None and getattr(options, name) is not None
    ]
    if options.use_two_stage_clustering:
        warnings.append("speaker_options.use_two_stage_clustering has no effect")
    warnings += [
        f"speaker_options.{name} has no effect: there is one method for every recording"
        for name in ("short_file_diarization_method", "long_file_diarization_method")
        if getattr(options, name) not in (None, "standard")
    ]
    return warnings
