"""Large language models behind OpenAI-compatible endpoints, and answers of theirs to trust."""
