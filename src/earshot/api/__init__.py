"""The HTTP and WebSocket edge, in the words and units of the compatible API."""
