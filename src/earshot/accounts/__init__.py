"""Projects, keys and limits."""
