"""One live session: audio in, events out; no socket, no clock, no sleep."""
