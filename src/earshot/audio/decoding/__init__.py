"""The isolated decoder: what runs inside the child process, and the handle on it from outside."""
