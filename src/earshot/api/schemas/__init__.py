"""Request and response bodies: where wire names and wire units begin and end."""
