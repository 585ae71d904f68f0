"""Samples to words."""
