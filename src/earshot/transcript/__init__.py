"""The nouns everyone shares: words, what was asked for, what came out, time arithmetic."""
