"""Models that say where the speech is, one file each."""
