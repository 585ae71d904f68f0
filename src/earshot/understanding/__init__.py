"""Finished transcripts into findings: what was said, and what it is about."""
