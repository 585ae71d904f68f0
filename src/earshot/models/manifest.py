"""The checksums of a model whose files this release does not know: written down when it came.

They are those that its publisher's hub stated at that time, or those of the folder it was copied
from: what is trusted is the first pull, and every later load is checked against it.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from earshot.errors import ModelCorrupt
from earshot.models.sources import ModelFile

MANIFEST_NAME = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """Where a model came from, as words for people, and the files that it then had."""

    origin: str
    files: tuple[ModelFile, ...]

    def to_json(self) -> str:
        content = {"origin": self.origin, "files": [asdict(file) for file in self.files]}
        return json.dumps(content, indent=2) + "\n"


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest in the folder, None where there is none; raises ModelCorrupt."""
    path = folder / MANIFEST_NAME
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(ModelFile(**file) for file in content["files"])
        manifest = Manifest(str(content["origin"]), files)
    except (ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"{path} is damaged. {PULL_AGAIN}") from error
    if not files or any(Path(file.name).name != file.name for file in files):
        raise ModelCorrupt(f"{path} is damaged. {PULL_AGAIN}")
    return manifest


PULL_AGAIN = "Remove the model (`earshot models rm`) and pull it again."
