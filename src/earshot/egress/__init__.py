"""Every outbound connection: address policy, guarded client, fetch of audio URLs."""
