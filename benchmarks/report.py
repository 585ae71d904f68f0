"""Tables, as Markdown that is also readable in a terminal, and the page that keeps them."""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
PACKAGES = ("earshot", "moonshine-voice", "onnxruntime", "av", "numpy")


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured; every row has as many cells as there are columns."""

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""

    def render(self) -> str:
        """Markdown with aligned columns: the first to the left, the others to the right."""
        lines = [self.columns, *self.rows]
        widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
        marks = [f"{'-' * (width - 1)}:" for width in widths]
        marks[0] = "-" * widths[0]
        body = [_line(self.columns, widths), _line(marks, widths)]
        body += [_line(row, widths) for row in self.rows]
        table = "\n".join(body)
        return f"### {self.title}\n\n{table}\n" + (f"\n{self.note}\n" if self.note else "")


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    rest = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:], strict=True)]
    return f"| {' | '.join([cells[0].ljust(widths[0]), *rest])} |"


def load_average() -> float:
    """How many programs competed for the processors in the last minute."""
    return os.getloadavg()[0]


def describe_run(arguments: Sequence[str], load_before: float) -> str:
    """When, where and how the figures came about, as a Markdown list.

    `load_before` is the load average before the run: what else ran takes from every speed. An
    absolute path, which is one machine's, is shown as FOLDER.
    """
    versions = ", ".join(f"{name} {_version(name)}" for name in PACKAGES)
    shown = ("FOLDER" if Path(argument).is_absolute() else argument for argument in arguments)
    command = " ".join(["python", "-m", *shown])
    return "\n".join(
        [
            f"- Date: {datetime.now(UTC):%Y-%m-%d}",
            f"- Machine: {_processor()}, {os.cpu_count()} cores, {_memory_gb():.0f} GB, "
            f"{platform.system()} {platform.machine()}; load before the run: {load_before:.1f}",
            f"- Command: `{command}`",
            f"- Versions: {versions}, Python {platform.python_version()}, revision {_revision()}",
        ]
    )


def write_section(name: str, content: str, page: Path = PAGE) -> None:
    """Replace what is between the markers of that section; the rest of the page stays."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = page.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(begin)}.*{re.escape(end)}", re.DOTALL)
    if not pattern.search(text):
        sys.exit(f"{page} lacks the markers {begin} and {end}")
    section = f"{begin}\n\n{content.strip()}\n\n{end}"
    page.write_text(pattern.sub(lambda _: section, text), encoding="utf-8")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "(absent)"


def _revision() -> str:
    command = ["git", "describe", "--always", "--dirty", "--exclude", "*"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return done.stdout.strip()


def _processor() -> str:
    """The processor's name, as Linux knows it."""
    cpuinfo = Path("/proc/cpuinfo")
    text = cpuinfo.read_text(encoding="utf-8") if cpuinfo.exists() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or "unknown processor"


def _memory_gb() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
