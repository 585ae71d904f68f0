"""Speech intelligence on your own machine, behind the AssemblyAI API."""

__version__ = "0.1.0"  # the one place: packaging reads it here
