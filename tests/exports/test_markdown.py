from earshot.exports.markdown import render_markdown
from earshot.transcript.findings import Findings
from earshot.transcript.words import Word


def test_paragraphs_carry_their_time_and_their_channel() -> None:
    words = [
        Word("Hello.", 61_000, 61_300, 0.9, "1", 1),
        Word("Hi.", 3_723_000, 3_724_000, 0.9, "2", 2),
    ]
    assert render_markdown(words, title="Call") == (
        "# Call\n\n**[01:01]** **Channel 1:** Hello.\n\n**[1:02:03]** **Channel 2:** Hi.\n"
    )


def test_what_would_be_markup_is_escaped() -> None:
    words = [Word("a*b*", 0, 300, 0.9), Word("<i>", 320, 500, 0.9), Word("s***", 520, 600, 0.9)]
    assert render_markdown(words).endswith("**[00:00]** a\\*b\\* \\<i\\> s\\*\\*\\*\n")


def test_no_words_leave_the_heading() -> None:
    assert render_markdown([]) == "# Transcript\n"


def test_a_known_voice_has_its_name_after_the_label_and_it_is_no_markup() -> None:
    words = [Word("Hello.", 0, 100, 0.9, speaker="A")]
    assert "**Speaker A (\\*M\\*):** Hello." in render_markdown(words, {"A": "*M*"})


def test_what_was_found_out_comes_before_what_was_said() -> None:
    words = (Word("Smoke.", 0, 900, 0.9),)
    rendered = render_markdown(words, findings=Findings(summary="Smoke is bad."))
    assert rendered == (
        "# Transcript\n\n## Summary\n\nSmoke is bad.\n\n## What was said\n\n**[00:00]** Smoke.\n"
    )
    assert render_markdown(words, findings=Findings()) == render_markdown(words)
