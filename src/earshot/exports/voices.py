"""How a speaker or a channel is called in what people read."""

from collections.abc import Mapping

NO_NAMES: Mapping[str, str] = {}


def name_voice(
    speaker: str | None, channel: int | None, names: Mapping[str, str] = NO_NAMES
) -> str | None:
    """A label such as "Speaker A" or "Channel 1"; None where neither is known.

    With the `names` of known voices, by label: "Speaker A (Maria)".
    """
    # Without diarization the compatible API repeats the channel as the speaker; with it, the label
    # begins with the channel: "1A".
    if channel is not None and speaker in (None, str(channel)):
        return f"Channel {channel}"
    if speaker is None:
        return None
    return f"Speaker {speaker} ({names[speaker]})" if speaker in names else f"Speaker {speaker}"
