"""Builds the real objects and joins them; the only place that knows every concrete class.

One module for each kind of process, so that a command loads no more than it runs.
"""
