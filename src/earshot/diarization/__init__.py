"""Samples and words to words with speakers: who spoke when."""
