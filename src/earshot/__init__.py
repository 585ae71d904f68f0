"""Speech intelligence on your own machine, behind the AssemblyAI API."""

import os

__version__ = "0.1.0"  # the one place: packaging reads it here

# From 1.29 on ONNX Runtime reports to its vendor: models, errors, the machine's id. It reads this
# once, while it is imported; what its own interface offers for it later comes too late. It is here
# because nothing of ours, in whichever process, is imported before this.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # noqa: TID251 - written, not read
