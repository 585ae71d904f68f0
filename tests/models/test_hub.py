from collections.abc import Iterator
from hashlib import sha256

import pytest

from earshot.errors import AddressRefused, DownloadFailed, ModelCorrupt, ModelMissing, NoAnswer
from earshot.models.hub import ContentDigest, Hub, HubFile, HubRepository
from tests.fake_hub import COMMIT, FakeHub

TINY = HubRepository("org/tiny")


def answering(*answers: bytes | Exception) -> Hub:
    """A hub that answers with these, one after the other."""
    remaining = list(answers)

    def download(_url: str) -> Iterator[bytes]:
        answer = remaining.pop(0)
        if isinstance(answer, Exception):
            raise answer
        yield answer

    return Hub("http://hub.invalid", download)


class TestListing:
    def test_a_branch_stands_for_the_commit_it_is_at(self, hub: FakeHub) -> None:
        listing = hub.reached().list_files(TINY)
        assert listing.commit == COMMIT
        assert {file.name for file in listing.files} == set(hub.files)

    def test_large_files_have_a_sha256_and_small_ones_the_id_of_their_git_object(
        self, hub: FakeHub, content: dict[str, bytes]
    ) -> None:
        by_name = {file.name: file for file in hub.reached().list_files(TINY).files}
        assert by_name["model.bin"].sha256 == sha256(content["model.bin"]).hexdigest()
        assert by_name["model.bin"].n_bytes == len(content["model.bin"])
        assert by_name["config.json"].sha256 is None
        # What `git hash-object` says of a file that holds {}.
        assert by_name["config.json"].git_id == "9e26dfeeb6e641a33dae4961196235bdb965b21b"

    def test_a_repository_that_is_not_there_names_its_address(self, hub: FakeHub) -> None:
        with pytest.raises(ModelMissing, match=r"404 Not Found for url: .*/org/other/"):
            hub.reached().list_files(HubRepository("org/other"))

    def test_a_hub_that_is_out_of_reach_says_what_to_do_without_a_network(self) -> None:
        hub = answering(NoAnswer("ConnectError"))
        with pytest.raises(ModelMissing, match=r"cannot be reached .* --from FOLDER"):
            hub.list_files(TINY)

    def test_a_listing_whose_sizes_are_no_numbers_is_told_apart(self) -> None:
        listing = b'[{"type": "file", "path": "model.bin", "size": "huge", "oid": "0"}]'
        hub = answering(b'{"sha": "0"}', listing)
        with pytest.raises(ModelMissing, match="does not answer as the hub does"):
            hub.list_files(TINY)

    @pytest.mark.parametrize(
        "answer",
        [
            b"<html>Welcome to the hotel's network</html>",
            b"[]",
            b'{"sha": 5}',
            b'{"id": "org/tiny"}',
        ],
    )
    def test_what_answers_but_is_no_hub_is_told_apart(self, answer: bytes) -> None:
        with pytest.raises(ModelMissing, match="does not answer as the hub does"):
            answering(answer).list_files(TINY)

    @pytest.mark.parametrize("tree", [b"{}x", b"5", b'["a"]', b'[{"type": "file"}]'])
    def test_a_listing_of_another_form_is_told_apart(self, tree: bytes) -> None:
        with pytest.raises(ModelMissing, match="does not answer as the hub does"):
            answering(b'{"sha": "c0"}', tree).list_files(TINY)

    def test_a_listing_without_an_end_is_not_read_to_it(self) -> None:
        def download(_url: str) -> Iterator[bytes]:
            while True:
                yield b" " * 1_000_000

        with pytest.raises(ModelMissing, match="does not answer as the hub does"):
            Hub("http://hub.invalid", download).list_files(TINY)

    def test_an_address_that_is_refused_is_named(self) -> None:
        with pytest.raises(ModelMissing, match=r"http://hub\.invalid/.*: 10\.0\.0\.1 is private"):
            answering(AddressRefused("10.0.0.1 is private")).list_files(TINY)


class TestFetch:
    def test_a_file_comes_whole_large_or_small(self, hub: FakeHub) -> None:
        reached = hub.reached()
        listing = reached.list_files(TINY)
        for file in listing.files:
            assert b"".join(reached.fetch(listing, file)) == hub.files[file.name]

    @pytest.mark.parametrize("name", ["model.bin", "config.json"])
    def test_what_is_not_what_the_hub_listed_is_corrupt(self, hub: FakeHub, name: str) -> None:
        reached = hub.reached()
        listing = reached.list_files(TINY)
        (file,) = [one for one in listing.files if one.name == name]
        for lie in (b"x" * file.n_bytes, hub.files[name][:-1], hub.files[name] + b"more"):
            hub.lies[name] = lie
            with pytest.raises(ModelCorrupt, match=f"{name}: what came does not have the checksum"):
                list(reached.fetch(listing, file))

    def test_more_than_was_announced_is_not_handed_on(self) -> None:
        listing = answering(b'{"sha": "c0"}', b"[]").list_files(TINY)
        hub = answering(b"x" * 50)
        handed: list[bytes] = []
        with pytest.raises(ModelCorrupt):
            handed += hub.fetch(listing, HubFile("model.bin", 10, None, "0"))
        assert handed == []

    def test_a_token_opens_a_hub_that_wants_one(self, content: dict[str, bytes]) -> None:
        closed = FakeHub(content, token="hf_secret")
        try:
            assert closed.reached("hf_secret").list_files(TINY).files
            with pytest.raises(ModelMissing, match="401 Unauthorized"):
                closed.reached().list_files(TINY)
        finally:
            closed.close()


def test_a_digest_is_of_the_file_whose_size_and_checksum_it_has() -> None:
    digest = ContentDigest(2)
    digest.update(b"{")
    digest.update(b"}")
    empty_object = "9e26dfeeb6e641a33dae4961196235bdb965b21b"
    assert digest.is_of(HubFile("a", 2, sha256(b"{}").hexdigest(), "0"))
    assert digest.is_of(HubFile("a", 2, None, empty_object))
    assert not digest.is_of(HubFile("a", 3, None, empty_object))
    assert not digest.is_of(HubFile("a", 2, "0", empty_object))


def test_another_failure_to_download_says_what_it_was() -> None:
    with pytest.raises(ModelMissing, match="503 Service Unavailable"):
        answering(DownloadFailed("http://a", status_line="503 Service Unavailable")).list_files(
            TINY
        )
