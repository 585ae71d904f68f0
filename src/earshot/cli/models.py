"""`earshot models`: what is present, fetch it, where it lies, remove it."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TransferSpeedColumn,
)

from earshot.models.catalog import ModelSpec
from earshot.models.sources import Advance, FolderSource, from_mirror, ignore_progress
from earshot.models.store import ModelState, ModelStore
from earshot.recognition.catalog import FAMILIES
from earshot.settings import Settings, load_settings
from earshot.wiring.installed import build_hub, open_models

models_app = typer.Typer(
    help="List, fetch and remove the model files on this machine.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
NameArgument = Annotated[str, typer.Argument(help="A model's name, as `models list` shows it.")]
# As many as fit beside the rest of the line.
MAX_LISTED_LANGUAGES = 3


@models_app.command("list")
def show() -> None:
    """List the models: whether each is present, its size, languages, purpose and licence.

    Example: `earshot models list`
    """
    for state in open_models(load_settings()).states():
        spec = state.spec
        size = f"{state.n_bytes / 1e6:.1f} MB" if state.n_bytes else ""
        print(
            f"{spec.name:22} {_presence(state):8} {size:>10}  {_languages(spec):16} "
            f"{spec.purpose} ({spec.licence}){_remark(spec)}"
        )


def _presence(state: ModelState) -> str:
    if state.is_damaged:
        return "damaged"
    return "present" if state.is_present else "missing"


def _languages(spec: ModelSpec) -> str:
    codes = sorted(spec.engine.languages) if spec.engine else []
    if len(codes) <= MAX_LISTED_LANGUAGES:
        return " ".join(codes) or "-"
    return f"{' '.join(codes[:2])} ... ({len(codes)})"


def _remark(spec: ModelSpec) -> str:
    """What has to be installed before the model can be used."""
    if spec.engine is None or FAMILIES[spec.engine.family].is_installed:
        return ""
    return f"; it needs, {FAMILIES[spec.engine.family].how_to_install}"


@models_app.command()
def pull(
    names: Annotated[list[str], typer.Argument(help="Names, as `models list` shows them.")],
    folder: Annotated[
        Path | None,
        typer.Option("--from", help="Folder that has the files; nothing is downloaded."),
    ] = None,
) -> None:
    """Fetch models' files and check them; only what is not on this machine is downloaded.

    Example: `earshot models pull moonshine silero`
    """
    settings = load_settings()
    store = open_models(settings)
    specs = [store.spec(name) for name in names]
    _pull_known(store, [spec.name for spec in specs if spec.layout is None], folder, settings)
    for spec in specs:
        if spec.layout is not None:
            _pull_whole(store, spec, folder, settings)


def _pull_known(
    store: ModelStore, names: Sequence[str], folder: Path | None, settings: Settings
) -> None:
    """Those whose files and checksums this release knows."""
    sources = None if folder is None else (FolderSource(folder),)
    if names:
        download = from_mirror(build_hub(settings).download, settings.hub_url)
        store.pull(names, download, _say, sources)


def _pull_whole(
    store: ModelStore, spec: ModelSpec, folder: Path | None, settings: Settings
) -> None:
    """One whose files and checksums are learnt as it comes."""
    with _progress_bar() as advance:
        store.pull_whole(spec.name, folder or build_hub(settings), _say, advance)
    if remark := _remark(spec):
        _say(f"{spec.name}{remark}")


@models_app.command()
def path(name: Annotated[str | None, typer.Argument(help="A model's name.")] = None) -> None:
    """Print the folder of a model's files, or of all; copy files there on an air-gapped machine.

    Example: `earshot models path moonshine`
    """
    store = open_models(load_settings())
    print(store.folder if name is None else store.path(name))


@models_app.command()
def rm(name: NameArgument) -> None:
    """Remove a model's files from the store.

    Example: `earshot models rm moonshine`
    """
    removed = open_models(load_settings()).remove(name)
    print(f"{name}: {'removed' if removed else 'was not in the store'}")


def _say(line: str) -> None:
    print(line, file=sys.stderr)


@contextmanager
def _progress_bar() -> Iterator[Advance]:
    """A bar on stderr for the file that is coming, if that is a terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield ignore_progress
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
    )
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, transient=True) as bar:

        def advance(name: str, n_done: int, n_bytes: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=n_bytes)
            bar.update(tasks[name], completed=n_done, visible=n_done < n_bytes)

        yield advance


def register(app: typer.Typer) -> None:
    app.add_typer(models_app, name="models")
