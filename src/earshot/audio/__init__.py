"""Media bytes to samples: probe, decode, channels, resample, and where the speech is."""
