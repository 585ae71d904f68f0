"""`earshot models`: what is present, fetch it, where it lies, remove it."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from earshot.models.sources import FolderSource, Source
from earshot.settings import load_settings
from earshot.wiring.models import build_download, open_models

models_app = typer.Typer(
    help="List, fetch and remove the model files on this machine.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
)
NameArgument = Annotated[str, typer.Argument(help="A model's name, as `models list` shows it.")]


@models_app.command("list")
def show() -> None:
    """List the models, whether each is present, and what it is for.

    Example: `earshot models list`
    """
    for state in open_models(load_settings()).states():
        presence = "present" if state.is_present else "missing"
        size = f"{state.n_bytes / 1e6:6.1f} MB" if state.n_bytes else " " * 9
        print(
            f"{state.spec.name:10} {presence} {size}  {state.spec.purpose} ({state.spec.licence})"
        )


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
    download = build_download(settings)
    open_models(settings).pull(
        names, download, lambda line: print(line, file=sys.stderr), _sources_in(folder)
    )


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


def _sources_in(folder: Path | None) -> tuple[Source, ...] | None:
    """The folder in place of the sources that the catalog names; None: those."""
    return None if folder is None else (FolderSource(folder),)


def register(app: typer.Typer) -> None:
    app.add_typer(models_app, name="models")
