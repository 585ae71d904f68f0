"""Samples, milliseconds, seconds, and times as people read them: the one place of conversion."""


def samples_to_ms(n_samples: int, sample_rate: int) -> int:
    """Milliseconds from the start of the audio, rounded to the nearest."""
    return (n_samples * 1000 + sample_rate // 2) // sample_rate


def ms_to_samples(ms: int, sample_rate: int) -> int:
    """The first sample at or after that many milliseconds."""
    return -(-ms * sample_rate // 1000)


def ms_to_whole_s(ms: int) -> int:
    """Whole seconds, rounded up: 1.28 s is reported as 2 by the compatible API."""
    return -(-ms // 1000)


def read_time(time_ms: int) -> str:
    """Hours, minutes and seconds, the hours only from the first on."""
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
