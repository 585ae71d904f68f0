"""What tells voices apart for all live sessions of a process, beside the recognizer."""

from concurrent.futures import Future, ThreadPoolExecutor

from earshot.diarization.attribution import attribute_speakers
from earshot.diarization.clustering import GroupingPolicy, group_tracks
from earshot.diarization.diarizer import Diarizer, Track
from earshot.streaming.events import SpeakersWanted, VoicesWanted

# Live tracks are short, so what they sound like is less exact than in a recording.
LIVE_GROUPING = GroupingPolicy(max_distance=0.65)


class SharedVoices:
    """Answers one request after the other, in their order, on a thread of its own."""

    def __init__(self, diarizer: Diarizer) -> None:
        self._diarizer = diarizer
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="voices")

    def find_voices(self, wanted: VoicesWanted) -> "Future[list[Track]]":
        """The tracks when they are there; what the diarizer raises, the future raises."""
        return self._pool.submit(self._diarizer.find_tracks, wanted.waveform, wanted.speech)

    def find_speakers(self, wanted: SpeakersWanted) -> "Future[list[int]]":
        """The speaker of each word when it is there, as an index."""
        return self._pool.submit(attribute_words, wanted)

    def close(self) -> None:
        """Give up what waits, and wait for what has begun."""
        self._pool.shutdown(cancel_futures=True)


def attribute_words(wanted: SpeakersWanted) -> list[int]:
    """For each of the words its speaker, as in a recording that was heard as a whole."""
    speakers = group_tracks(wanted.tracks, wanted.options, wanted.duration_ms, LIVE_GROUPING)
    return attribute_speakers(wanted.words, speakers)
