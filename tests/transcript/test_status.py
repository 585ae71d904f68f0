from earshot.transcript.status import TranscriptStatus


def test_a_status_is_written_the_way_the_api_writes_it() -> None:
    assert [str(status) for status in TranscriptStatus] == [
        "queued",
        "processing",
        "completed",
        "error",
    ]


def test_a_status_is_read_back_from_its_text() -> None:
    assert TranscriptStatus("completed") is TranscriptStatus.COMPLETED
