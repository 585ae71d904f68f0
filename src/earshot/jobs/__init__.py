"""Durable work on DBOS: submit, run, cancel, hand over the work of the dead; knows nothing of speech."""
