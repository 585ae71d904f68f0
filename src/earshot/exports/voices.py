"""How a speaker or a channel is called in what people read."""


def name_voice(speaker: str | None, channel: int | None) -> str | None:
    """A label such as "Speaker A" or "Channel 1"; None where neither is known."""
    # Without diarization the compatible API repeats the channel as the speaker; with it, the label
    # begins with the channel: "1A".
    if channel is not None and speaker in (None, str(channel)):
        return f"Channel {channel}"
    return None if speaker is None else f"Speaker {speaker}"
