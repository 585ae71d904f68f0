"""Models that read text; they alone know their runtimes."""
