"""Durable work on DBOS: submit, run, cancel, hand over; knows nothing of speech."""
