"""Words in which what may not be read is hidden."""
