"""The model store: what is present, where from (folder, hub, wheel), checksums."""
