import asyncio
from concurrent.futures import Future
from dataclasses import dataclass, field

from earshot.api.live_secrets import SecretRequests
from earshot.streaming.events import Passage, SecretsWanted
from earshot.streaming.redaction import Hidden, TurnSecrets
from earshot.transcript.options import RedactionOptions

NOTHING = Passage((), ())
NONE = TurnSecrets(())
HIDDEN = TurnSecrets((Hidden(0, 300, "person_name"),))


def wanted(number: int) -> SecretsWanted:
    return SecretsWanted(number, RedactionOptions(("person_name",)), NOTHING, NOTHING)


@dataclass
class HandSecrets:
    """Answers when it is told to."""

    answers: "list[Future[TurnSecrets]]" = field(default_factory=list)

    def find_secrets(self, wanted: SecretsWanted) -> "Future[TurnSecrets]":
        assert wanted.request_id == len(self.answers) + 1
        self.answers.append(Future())
        return self.answers[-1]


@dataclass
class Asked:
    """Requests, and what came of them."""

    secrets: HandSecrets = field(default_factory=HandSecrets)
    given: list[tuple[int, TurnSecrets]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def open(self) -> SecretRequests:
        def give(request_id: int, found: TurnSecrets) -> None:
            self.given.append((request_id, found))

        return SecretRequests(self.secrets, give, self.failures.append)


async def test_what_is_found_is_given_back_in_whatever_order_it_comes() -> None:
    asked = Asked()
    requests = asked.open()
    requests.ask(wanted(1))
    requests.ask(wanted(2))
    asked.secrets.answers[1].set_result(NONE)
    asked.secrets.answers[0].set_result(HIDDEN)
    assert asked.given == []  # before the event loop comes to it
    await asyncio.sleep(0)
    assert asked.given == [(2, NONE), (1, HIDDEN)]


async def test_a_failure_is_told_and_nothing_given() -> None:
    asked = Asked()
    asked.open().ask(wanted(1))
    failure = OSError("no memory")
    asked.secrets.answers[0].set_exception(failure)
    await asyncio.sleep(0)
    assert (asked.given, asked.failures) == ([], [failure])


async def test_what_was_given_up_is_cancelled_and_never_given() -> None:
    asked = Asked()
    requests = asked.open()
    requests.ask(wanted(1))
    requests.ask(wanted(2))
    asked.secrets.answers[0].set_result(HIDDEN)
    requests.close()
    await asyncio.sleep(0)
    assert asked.secrets.answers[1].cancelled()
    assert (asked.given, asked.failures) == ([], [])
