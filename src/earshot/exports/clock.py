"""Times as people read them."""


def read_time(time_ms: int) -> str:
    """Hours, minutes and seconds, the hours only from the first on."""
    minutes, seconds = divmod(time_ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"
