"""What projects and keys may be called."""

from typing import Final

from earshot.errors import RequestInvalid

MAX_NAME_CHARACTERS: Final = 200


def require_name(name: str) -> str:
    """The name; RequestInvalid for one that would garble a list, or be taken for another there."""
    if not name.strip() or not name.isprintable() or len(name) > MAX_NAME_CHARACTERS:
        raise RequestInvalid(
            f"name must be printable, not empty, of {MAX_NAME_CHARACTERS} characters at most"
        )
    if name != name.strip():
        raise RequestInvalid("name must not begin or end with a space")
    return name
