import pytest

from earshot.egress.share_links import direct_url

FILE_ID = "1a2B3c-D_4e5F6g7H8i9J"
DOWNLOAD = f"https://drive.usercontent.google.com/download?id={FILE_ID}&export=download&confirm=t"


@pytest.mark.parametrize(
    "link",
    [
        f"https://drive.google.com/file/d/{FILE_ID}/view?usp=sharing",
        f"https://drive.google.com/file/d/{FILE_ID}/view?usp=drive_link#t=10",
        f"https://drive.google.com/file/d/{FILE_ID}",
        f"https://drive.google.com/file/d/{FILE_ID}/edit",
        f"https://drive.google.com/file/u/1/d/{FILE_ID}/preview",
        f"https://drive.google.com/a/example.com/file/d/{FILE_ID}/view",
        f"https://drive.google.com/open?id={FILE_ID}",
        f"https://drive.google.com/uc?export=download&id={FILE_ID}",
        f"https://drive.google.com/u/0/uc?id={FILE_ID}&export=download",
        f"https://docs.google.com/uc?export=download&id={FILE_ID}",
        f"http://Drive.Google.com/open?id={FILE_ID}",
        f"https://drive.usercontent.google.com/download?id={FILE_ID}&export=download&authuser=0",
        f"https://drive.usercontent.google.com/uc?id={FILE_ID}&export=download",
    ],
)
def test_a_link_of_google_drive_becomes_the_download_of_its_file(link: str) -> None:
    assert direct_url(link) == DOWNLOAD


def test_the_key_of_an_older_link_of_google_drive_is_kept() -> None:
    link = f"https://drive.google.com/file/d/{FILE_ID}/view?usp=sharing&resourcekey=0-aB_c"

    assert direct_url(link) == f"{DOWNLOAD}&resourcekey=0-aB_c"


@pytest.mark.parametrize(
    ("link", "direct"),
    [
        (
            "https://www.dropbox.com/s/abc123/My%20call.mp3?dl=0",
            "https://www.dropbox.com/s/abc123/My%20call.mp3?dl=1",
        ),
        (
            "https://www.dropbox.com/scl/fi/abc123/call.mp3?rlkey=k-1_z&st=x9&dl=0",
            "https://www.dropbox.com/scl/fi/abc123/call.mp3?rlkey=k-1_z&st=x9&dl=1",
        ),
        (
            "https://dropbox.com/s/abc123/call.mp3",
            "https://dropbox.com/s/abc123/call.mp3?dl=1",
        ),
        (
            "https://www.dropbox.com/s/abc123/call.mp3?raw=1",
            "https://www.dropbox.com/s/abc123/call.mp3?raw=1",
        ),
        (
            "https://www.dropbox.com/s/abc123/call of jo@example.com.mp3?dl=0#t=10",
            "https://www.dropbox.com/s/abc123/call of jo@example.com.mp3?dl=1",
        ),
    ],
)
def test_a_link_of_dropbox_asks_for_the_file_instead_of_its_page(link: str, direct: str) -> None:
    assert direct_url(link) == direct


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com/file/d/1/view",
        "https://drive.google.com.example.com/open?id=1",
        "https://drive.google.com@example.com/open?id=1",
        "https://drive.google.com:8443/open?id=1",
        f"https://user:pass@drive.google.com/open?id={FILE_ID}",
        "https://drive.google.com/drive/folders/1a2B3c",
        "https://drive.google.com/open?id=../../etc",
        "https://drive.google.com/open",
        f"https://drive.usercontent.google.com/download?id={FILE_ID}&confirm=t&uuid=1&at=2",
        f"https://drive.usercontent.google.com/other?id={FILE_ID}",
        "https://www.dropbox.com/sh/abc123/folder?dl=0",
        "https://www.dropbox.com/scl/fo/abc123/folder?rlkey=1&dl=0",
        "https://www.dropbox.com/home",
        "https://bucket.s3.amazonaws.com/a.mp3?X-Amz-Signature=0a&X-Amz-Date=1%2B1",
        "ftp://drive.google.com/open?id=1",
        "https://[::1",
        "https://x:99999999/a",
        "",
    ],
)
def test_any_other_url_stays_as_it_is(url: str) -> None:
    assert direct_url(url) == url
