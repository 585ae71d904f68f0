"""Reading weights in the safetensors format: a header in JSON, then the arrays, as they lie."""

import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.errors import ModelCorrupt

Floats = npt.NDArray[np.float32]
LENGTH_BYTES = 8  # little-endian, of the header


def read_floats(path: Path) -> dict[str, Floats]:
    """The arrays of 32-bit floats by name, views of the file as it is mapped into memory."""
    content = np.memmap(path, dtype=np.uint8, mode="r")
    n_header = int.from_bytes(content[:LENGTH_BYTES].tobytes(), "little")
    body = content[LENGTH_BYTES + n_header :]
    try:
        header = json.loads(content[LENGTH_BYTES : LENGTH_BYTES + n_header].tobytes())
        arrays = {
            name: body[slice(*entry["data_offsets"])].view("<f4").reshape(entry["shape"])
            for name, entry in header.items()
            if entry.get("dtype") == "F32"
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ModelCorrupt(f"{path} is not a file of safetensors") from error
    return arrays
