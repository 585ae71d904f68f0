"""Diarizers, one file each."""
