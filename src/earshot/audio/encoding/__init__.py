"""The isolated encoder: what runs inside the child process."""
