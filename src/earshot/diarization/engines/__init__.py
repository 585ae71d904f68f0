"""Models that tell voices apart, one engine each."""
