"""Tables and the page that keeps them."""

from pathlib import Path

import pytest

from benchmarks.report import Table, describe_run, write_section

PAGE = """# Page

<!-- one: begin -->
old
<!-- one: end -->

<!-- two: begin -->
<!-- two: end -->
"""


def test_a_table_is_markdown_with_aligned_columns() -> None:
    table = Table("Speed", ("Set", "x"), [("short", "1.0"), ("a", "10.0")])
    assert table.render() == (
        "### Speed\n\n| Set   |    x |\n| ----- | ---: |\n| short |  1.0 |\n| a     | 10.0 |\n"
    )


def test_a_row_of_another_width_is_not_rendered() -> None:
    with pytest.raises(ValueError, match="shorter"):
        Table("Speed", ("Set", "x"), [("short",)]).render()


def test_a_section_is_replaced_and_the_rest_of_the_page_stays(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    write_section("one", r"new \1", page)
    write_section("one", "newer\n", page)
    assert page.read_text() == PAGE.replace("\nold\n", "\n\nnewer\n\n")


def test_a_page_without_the_markers_is_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    with pytest.raises(SystemExit, match="three"):
        write_section("three", "new", page)
    assert page.read_text() == PAGE


def test_a_run_is_described_by_command_machine_and_versions() -> None:
    described = describe_run(["benchmarks.transcription", "--data", "x"], 1.25)
    assert "`python -m benchmarks.transcription --data x`" in described
    assert "cores" in described
    assert "load before the run: 1.2" in described
    assert "onnxruntime" in described


def test_no_path_of_one_machine_is_shown(tmp_path: Path) -> None:
    described = describe_run(["benchmarks.transcription", "--data", str(tmp_path), "--write"], 0.0)
    assert "`python -m benchmarks.transcription --data FOLDER --write`" in described
    assert str(tmp_path) not in described
