"""Requests about transcripts: tasks, summaries, questions, things to do; and their answers."""
