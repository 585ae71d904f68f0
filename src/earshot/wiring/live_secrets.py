"""What finds the secrets of live sessions, loaded when a session first has any."""

from concurrent.futures import Future

from earshot.api.live_services import Secrets
from earshot.models.store import ModelStore
from earshot.streaming.events import Passage, SecretsWanted
from earshot.streaming.shared_secrets import SharedSecrets
from earshot.transcript.options import RedactionOptions
from earshot.transcript.redaction_policies import POLICIES
from earshot.transcript.words import Word
from earshot.understanding.catalog import load_reader
from earshot.understanding.encoder import EncoderOnDemand
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.tagger import TrainedTagger
from earshot.wiring.loading import LoadedOnce

_GREETING = Passage((), (Word("Good", 0, 400, 1.0), Word("morning.", 400, 800, 1.0)))


class LiveSecrets:
    """One for all sessions of the process, and one for those that have names to hide."""

    def __init__(self, store: ModelStore) -> None:
        self._store = store
        self._by_pattern = LoadedOnce[Secrets]("secrets", lambda: self._warmed(None))
        self._with_names = LoadedOnce[Secrets]("names", lambda: self._warmed(self._load_tagger()))
        self._opened: list[SharedSecrets] = []

    def secrets(self, *, finds_names: bool) -> "Future[Secrets]":
        return (self._with_names if finds_names else self._by_pattern).get()

    def close(self) -> None:
        """Wait for what is being loaded or found, and end the threads that find."""
        self._by_pattern.join()
        self._with_names.join()
        for secrets in self._opened:
            secrets.close()

    def _load_tagger(self) -> Tagger:
        reader = load_reader(self._store)
        return TrainedTagger(EncoderOnDemand(lambda: reader))

    def _warmed(self, tagger: Tagger | None) -> SharedSecrets:
        """With its lists read, so that the first turn waits no longer than others."""
        secrets = SharedSecrets(tagger)
        self._opened.append(secrets)
        everything = RedactionOptions(tuple(POLICIES))
        secrets.find_secrets(SecretsWanted(0, everything, _GREETING, _GREETING)).result()
        return secrets
