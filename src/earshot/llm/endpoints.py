"""The language models that an operator names, and which of them works for whom."""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from earshot.egress.target import parse_target
from earshot.errors import AddressRefused, SettingsInvalid

DEFAULT_NAME = "default"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_FIELDS = frozenset({"url", "model", "key", "projects"})


@dataclass(frozen=True, slots=True)
class LlmEndpoint:
    """An OpenAI-compatible endpoint; `url` is what stands before `/chat/completions`.

    `projects` are those whose transcripts it is for; of any other where there are none.
    """

    name: str
    url: str
    model: str
    key: str | None = field(default=None, repr=False)
    projects: tuple[str, ...] = ()


def choose_endpoint(
    endpoints: Sequence[LlmEndpoint], project: str, without: Collection[str] = ()
) -> LlmEndpoint | None:
    """The first that is for this project by name, else the first that is for any.

    None for a project that is to do `without`.
    """
    if project in without:
        return None
    named = [one for one in endpoints if project in one.projects]
    open_to_all = [one for one in endpoints if not one.projects]
    return next(iter(named + open_to_all), None)


def find_endpoint(
    endpoints: Sequence[LlmEndpoint],
    project: str,
    model: str | None,
    *,
    tiers: Mapping[str, str],
    without: Collection[str] = (),
) -> LlmEndpoint | None:
    """The one behind the name of a model: of the endpoint, of its model, or a tier of `tiers`.

    The vendor in front of a name does not matter. For other names it is the project's own, and of
    the endpoints that are for other projects none.
    """
    own = choose_endpoint(endpoints, project, without)
    if own is None or model is None:
        return own
    bare = model.removeprefix("anthropic/")
    wanted = {model, bare} | {tiers[name] for name in (model, bare) if name in tiers}
    # What is for a project by name keeps its words from those that are for any.
    usable = [one for one in endpoints if one.projects == () == own.projects]
    if own.projects:
        usable = [one for one in endpoints if project in one.projects]
    return next((one for one in usable if wanted & {one.name, one.model}), own)


def read_endpoints(raw: object) -> tuple[LlmEndpoint, ...]:
    """Endpoints by name: a table of the config file, or JSON text of the same shape.

    Raises ValueError, which repeats no key.
    """
    if isinstance(raw, str):
        try:
            raw = json.loads(raw)
        except ValueError:
            raise ValueError("must be JSON: an object of endpoints by name") from None
    if not isinstance(raw, dict):
        raise ValueError("must be a table of endpoints by name")  # noqa: TRY004 -- as settings do
    return tuple(_read_endpoint(name, item) for name, item in raw.items())


def dump_endpoints(endpoints: Sequence[LlmEndpoint]) -> str:
    """JSON text that `read_endpoints` reads."""
    return json.dumps(
        {
            one.name: {
                "url": one.url,
                "model": one.model,
                **({} if one.key is None else {"key": one.key}),
                "projects": list(one.projects),
            }
            for one in endpoints
        }
    )


def require_llm_url(url: str) -> str:
    """The base URL without the slash behind it; SettingsInvalid for one that is none."""
    try:
        parse_target(url)
    except AddressRefused as error:
        raise SettingsInvalid("must be an http or https URL without user or password") from error
    return url.rstrip("/").removesuffix("/chat/completions")


def _read_endpoint(name: str, item: Any) -> LlmEndpoint:  # noqa: ANN401 - any JSON value
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is no name: letters, digits, dots, dashes and underscores")
    if not isinstance(item, dict) or item.keys() - _FIELDS:
        raise ValueError(f"{name} must be a table of url, model, key and projects")
    for required in ("url", "model"):
        if not isinstance(item.get(required), str) or not item[required]:
            raise ValueError(f"{name} must have a {required}")
    projects = item.get("projects", [])
    if not isinstance(projects, list) or not all(isinstance(one, str) for one in projects):
        raise ValueError(f"{name}.projects must be a list of names of projects")
    key = item.get("key")
    if key is not None and not isinstance(key, str):
        raise ValueError(f"{name}.key must be text")
    url = require_llm_url(item["url"])
    return LlmEndpoint(name, url, item["model"], key or None, tuple(projects))
