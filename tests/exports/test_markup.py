from earshot.exports.markup import escape


def test_no_character_of_a_text_means_anything_to_markdown() -> None:
    assert escape("*a* [b](c) <d> _e_ `f`") == r"\*a\* \[b\](c) \<d\> \_e\_ \`f\`"
    assert escape("one\ntwo  three") == "one two three"
