"""Transcript to SRT, VTT, sentences, paragraphs, search matches: pure functions."""
