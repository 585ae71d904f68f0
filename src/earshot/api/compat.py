"""Which generation of the API is served."""

from typing import Literal

# An older one to the letter, or all that clients of any of them send.
Compat = Literal["2025", "2026", "lenient"]
