"""Writes the pages of docs/reference/ that follow from the code; `--check` only compares them.

    python docs/generate.py

Run it after a change of a setting, a command, a route or an error. A test fails until that is done.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final, get_args, get_origin

import sqlalchemy as sa
import typer

from earshot.api.app import create_app
from earshot.api.errors import INTERNAL_ERROR, status_of
from earshot.api.services import ApiOptions, ApiServices
from earshot.cli import EXIT_CALLER_ERROR, EXIT_INTERRUPTED, EXIT_OPERATOR_ERROR, build_app
from earshot.errors import CallerError, EarshotError, JobAttemptsExhausted, OperatorError
from earshot.jobs.queue import JobQueue
from earshot.settings import Settings, variable_of
from earshot.storage.media import open_media_store

REFERENCE: Final = Path(__file__).parent / "reference"
NOTICE: Final = "<!-- Written by docs/generate.py; change the code, then run it again. -->"

# Defaults that differ between machines, in words.
DEFAULTS_IN_WORDS: Final = {
    "data": "`earshot` in the user's data folder",
    "models": "`earshot/models` in the user's data folder, whatever `EARSHOT_DATA` says",
    "worker_threads": "number of CPU cores",
}
KINDS: Final = {datetime: "DAY", int: "NUMBER", Path: "PATH", str: "TEXT", list[str]: "TEXT"}
# Errors that a caller meets as the `error` of a transcript, not as the answer to a request.
IN_TRANSCRIPTS: Final = frozenset(
    {
        "AudioTooLong",
        "AudioTooShort",
        "AudioUnreadable",
        "DiarizerFailed",
        "DownloadFailed",
        "JobAttemptsExhausted",
        "JobCancelled",
        "SpeechBelowThreshold",
    }
)
# What lacks in the installation: a command says so, and a worker that meets it in a job logs it.
OF_THE_INSTALLATION: Final = frozenset({"ExtraMissing", "ModelCorrupt", "ModelMissing"})
ON_COMMAND_LINE_ONLY: Final = frozenset(
    {
        "AdminKeyNotFound",
        "RecordingRefused",
        "RecordingsNotFound",
        "SettingsInvalid",
        "SeveralVoices",
        "VoiceKnownAlready",
        "VoiceNotFound",
        "VoiceTooShort",
        "VoiceUnlike",
    }
)
# Raised and handled inside; the caller sees another error in their place.
INSIDE: Final = frozenset(
    {
        "AddressRefused",
        "DecoderFailed",
        "DeviceUnusable",
        "NoAnswer",
        "ResponseTooLarge",
        "SecretsNotHidden",
        "TransitionImpossible",
    }
)


def render_settings() -> str:
    """Every setting: its names, its default, what it is for."""
    rows = [
        (f"`{variable_of(one)}`", f"`{one.name}`", _default_of(one), one.metadata["explanation"])
        for one in fields(Settings)
    ]
    return _page(
        "Settings",
        "A setting comes from a command-line option where there is one, else from the environment, "
        "else from the TOML file that `--config` or `EARSHOT_CONFIG` names, else from its default. "
        "Names in the file are those of the second column; an unknown name there is an error.",
        _table(("Environment", "In the file", "Default", "What it is for"), rows),
        "The user's data folder is `~/.local/share` on Linux, `~/Library/Application Support` on "
        "macOS and `%LOCALAPPDATA%\\earshot` on Windows.",
        "Lists of hosts are separated by commas in the environment, and TOML lists in the file:",
        '```toml\nport = 9000\ndata = "/srv/earshot"\nfetch_allow = ["media.internal", '
        '"10.20.0.0/16"]\ntranscript_ttl_h = 72\n```',
        "Credentials of a cloud media store (`s3://`, `gs://`, `az://`) are read from the "
        "provider's own variables, such as `AWS_ACCESS_KEY_ID`.",
    )


def _default_of(one: Any) -> str:  # noqa: ANN401 - Field[Any] of any type
    if one.name in DEFAULTS_IN_WORDS:
        return DEFAULTS_IN_WORDS[one.name]
    value = one.default if one.default is not MISSING else one.default_factory()
    if value is None or value == ():
        return "none"
    return f"`{value}`"


def render_cli() -> str:
    """Every command with its options, as `--help` has them."""
    parts = [
        part
        for path, command in _walk_commands("earshot", typer.main.get_command(build_app()))
        for part in _command_parts(path, command)
    ]
    return _page(
        "Command line",
        "The same is printed by `earshot --help` and `earshot COMMAND --help`. "
        f"Exit codes: 0 done; 1 a problem that `doctor` found, or a bug; 2 wrong options; "
        f"{EXIT_CALLER_ERROR} what was asked for cannot be done with this input (a file without "
        f"audio, a name that is taken); {EXIT_OPERATOR_ERROR} this installation cannot do it; "
        f"{EXIT_INTERRUPTED} it was interrupted, or a question was not answered with yes.",
        *parts,
    )


def _walk_commands(path: str, command: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - typer keeps its own copy of click
    """Each command under its full name, a group before its members."""
    yield path, command
    for name, member in getattr(command, "commands", {}).items():
        yield from _walk_commands(f"{path} {name}", member)


def _command_parts(path: str, command: Any) -> list[str]:  # noqa: ANN401 - as above
    shown = [one for one in command.params if not one.hidden]
    options = [one for one in shown if one.opts[0].startswith("-")]
    arguments = [one for one in shown if one not in options]
    usage = [path, *(["[OPTIONS]"] if options else []), *map(_argument_name, arguments)]
    if hasattr(command, "commands"):
        usage += ["COMMAND"]
    rows = [(f"`{_argument_name(one)}`", one.help or "") for one in arguments]
    rows += [(f"`{_option_name(one)}`", _option_help(one)) for one in options]
    level = "##" if path.count(" ") < 2 else "###"
    parts = [f"{level} {path}", f"```\n{' '.join(usage)}\n```", command.help or ""]
    return [*parts, _table(("Argument or option", ""), rows)] if rows else parts


def _argument_name(argument: Any) -> str:  # noqa: ANN401 - as above
    name: str = argument.metavar or argument.name.upper()
    return name if argument.required else f"[{name}]"


def _option_name(option: Any) -> str:  # noqa: ANN401 - as above
    names = ", ".join(option.opts)
    return names if option.is_flag else f"{names} {_kind_of(option)}"


def _kind_of(option: Any) -> str:  # noqa: ANN401 - as above
    annotation = option.type_descriptor.annotation
    if annotation not in KINDS and get_origin(annotation) is list:
        (annotation,) = get_args(annotation)  # an option that may be given several times
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return "|".join(str(member.value) for member in annotation)
    return KINDS[annotation]


def _option_help(option: Any) -> str:  # noqa: ANN401 - as above
    default = option.default
    if default is None or isinstance(default, bool):
        return str(option.help)
    value = default.value if isinstance(default, Enum) else default
    return f"{option.help} Default: `{value}`."


def render_errors() -> str:
    """The tree of errors with what a caller sees of each."""
    return _page(
        "Errors",
        'Every error answer of the API is `{"error": "<one sentence>"}` and is written for you to '
        "read; it holds no internals. Under `/v1` and `/serve` the same sentences stand in the "
        "forms that clients of those read: problem details, OpenAI's, the gateway's, MAVI's. A "
        "transcript that fails while it is being processed has "
        "`status` `error` and the sentence in its own `error` field, and the request for it still "
        "answers 200.",
        f"A request that cannot be served because of a fault of ours says `{INTERNAL_ERROR}` and "
        "no more; the reason is in the log. An unknown transcript is a 400, as in the compatible "
        "API; a route that does not exist is a 404.",
        "`code` is what `earshot.errors` calls it; it is stable, for programs in Python that catch "
        "these errors. On the command line an error is one line on standard error; the exit code "
        f"is {EXIT_CALLER_ERROR} in the first table and {EXIT_OPERATOR_ERROR} in the second.",
        "## What the caller can fix",
        "These are never retried.",
        _error_table(CallerError),
        "## What whoever runs the server can fix",
        "In a job, these are tried three times in all; then the transcript ends with "
        f"`{JobAttemptsExhausted()}`, and the log says why. After `DiarizerFailed` it ends with "
        "the text of that error: the caller can do without `speaker_labels`.",
        _error_table(OperatorError),
    )


def _error_table(branch: type[EarshotError]) -> str:
    rows = [
        (f"`{one.__name__}`", f"`{one.code}`", _shown_as(one), _first_line(one.__doc__ or ""))
        for one in branch.__subclasses__()
    ]
    return _table(("Error", "`code`", "Seen as", "Meaning"), rows)


def _shown_as(error: type[EarshotError]) -> str:
    name = error.__name__
    if name in IN_TRANSCRIPTS:
        return "transcript"
    if name in OF_THE_INSTALLATION:
        return "command line, log"
    if name in ON_COMMAND_LINE_ONLY:
        return "command line"
    if name in INSIDE:
        return "log"
    # The class decides, and most want arguments that do not matter here.
    return str(int(status_of(error.__new__(error))))


def render_api() -> str:
    """Every route, and the fields of the two bodies that matter most."""
    document = _openapi()
    operations = [
        (method.upper(), path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    ]
    schemas: Mapping[str, Any] = document["components"]["schemas"]
    return _page(
        "API",
        "The routes of this server. They are those of the AssemblyAI API unless the text says "
        "otherwise. A running server shows the same, with every body, at `/docs`, and as OpenAPI "
        "at `/openapi.json`.",
        "Send your key in the `Authorization` header, as it is or after `Bearer `. `/health`, "
        "`/docs` and `/openapi.json` need none, URLs of redacted audio are signed, the events of a "
        "live session take a token, and `/admin/v1` takes "
        "[an admin key](../howto/accounts.md#over-http). Times are in milliseconds unless the text "
        "says otherwise.",
        "## Routes",
        _table(
            ("Route", "What it does", "Answers"),
            [
                (f"`{method} {path}`", _what_it_does(operation), _answers(operation))
                for method, path, operation in operations
            ],
        ),
        "## Live sessions",
        "They are WebSockets, opened with your key in the `Authorization` header, or with a "
        "temporary token there or as `?token=`; [how to](../howto/live.md) tells the rest.",
        _table(
            ("Address", "What it speaks", "Token of"),
            [
                ("`/v3/ws`", "Universal-Streaming, v3", "`/v3/token`"),
                ("`/v2/realtime/ws`", "The first real-time API", "`POST /v2/realtime/token`"),
            ],
        ),
        *_query_parts(operations),
        "## The body of `POST /v2/transcript`",
        "Only `audio_url` is required. Unknown fields are ignored; null is the same as absent. "
        'What is "not available yet" is refused with a 400 that names it; `false`, null and empty '
        "values pass. What is without effect is named in the transcript's `metadata.warnings`.",
        _field_table(schemas["TranscriptRequest"]),
        "## The transcript",
        "Its other fields repeat the parameters of the request.",
        _field_table(schemas["TranscriptBody"], without=schemas["TranscriptRequest"]),
        "A word has `text`, `start`, `end`, `confidence` (0 to 1), `channel` and `speaker`.",
    )


def _openapi() -> dict[str, Any]:
    """The description that a server gives of itself; nothing is connected to."""
    engine = sa.create_engine("sqlite://")
    services = ApiServices(
        engine, open_media_store("memory://"), JobQueue(engine), ApiOptions(), lambda: "ready"
    )
    return create_app(services).openapi()


def _what_it_does(operation: Mapping[str, Any]) -> str:
    text = f"{operation['summary']}. {operation.get('description', '')}"
    return " ".join(text.split())


def _answers(operation: Mapping[str, Any]) -> str:
    return ", ".join(sorted(operation["responses"]))


def _query_parts(operations: Iterable[tuple[str, str, Mapping[str, Any]]]) -> list[str]:
    rows = [
        (
            f"`{method} {path}`",
            f"`{one['name']}`",
            _type_of(one["schema"]),
            one.get("description", ""),
        )
        for method, path, operation in operations
        for one in operation.get("parameters", ())
        if one["in"] == "query"
    ]
    return ["## Query parameters", _table(("Route", "Parameter", "Type", ""), rows)]


def _field_table(schema: Mapping[str, Any], without: Mapping[str, Any] | None = None) -> str:
    left_out = without["properties"].keys() - {"audio_url"} if without is not None else ()
    rows = [
        (f"`{name}`", _type_of(one), _default_text(one), one.get("description", ""))
        for name, one in sorted(
            schema["properties"].items(), key=lambda item: item[0] != "audio_url"
        )
        if name not in left_out
    ]
    if without is not None:
        return _table(("Field", "Type", ""), [(name, kind, text) for name, kind, _, text in rows])
    return _table(("Parameter", "Type", "Default", ""), rows)


def _default_text(schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    if default is None:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _type_of(schema: Mapping[str, Any]) -> str:
    """The type in a word or two; that null is allowed goes without saying."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return "string" if name.endswith("Status") else "object"
    if "anyOf" in schema:
        kinds = [_type_of(one) for one in schema["anyOf"] if one.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if schema.get("type") == "array":
        return f"list of {_type_of(schema.get('items', {}))}s"
    return str(schema.get("type", "any"))


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]


def _table(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _page(title: str, *parts: str) -> str:
    return "\n\n".join((NOTICE, f"# {title}", *parts)) + "\n"


PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "settings.md": render_settings,
    "cli.md": render_cli,
    "api.md": render_api,
    "errors.md": render_errors,
}


def main(arguments: list[str], folder: Path = REFERENCE) -> int:
    """Write every page; with `--check`, say which ones are stale and return 1 if any is."""
    is_stale = False
    for name, render in PAGES.items():
        path, content = folder / name, render()
        if path.is_file() and path.read_text(encoding="utf-8") == content:
            continue
        if "--check" in arguments:
            is_stale = True
            sys.stderr.write(f"{path} is stale: run python docs/generate.py\n")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, encoding="utf-8")
    return int(is_stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
