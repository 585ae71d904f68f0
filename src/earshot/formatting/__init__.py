"""Words to words: punctuation and case, fillers, profanity, custom spelling."""
