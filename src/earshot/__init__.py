"""Speech intelligence on your own machine, behind the AssemblyAI API."""

from importlib.metadata import version

__version__ = version("earshot")
