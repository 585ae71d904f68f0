"""The nouns everyone shares: words, utterances, what was asked for, what came out, time arithmetic."""
