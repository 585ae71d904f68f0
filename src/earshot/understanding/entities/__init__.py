"""Entities in a transcript: what kind of thing some words name, found by form, sum and cue."""
