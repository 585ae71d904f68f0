"""The marks around words, by what they do; escapes where two glyphs look alike."""

OPENING_QUOTES = "\"'\u201c\u2018\u00ab"  # straight, curly, guillemets
CLOSING_QUOTES = "\"'\u201d\u2019\u00bb"
OPENERS = OPENING_QUOTES + "([{\u00bf\u00a1"  # and the inverted marks of Spanish
CLOSERS = CLOSING_QUOTES + ")]}"
DASHES = "-\u2010\u2011\u2013\u2014"  # hyphen-minus, hyphen, no-break hyphen, en, em
APOSTROPHES = "'\u2019"
ELLIPSES = ("\u2026", "...", "..")
# Question and exclamation marks and full stops, Latin and full-width.
QUESTION_MARKS = ("?", "!", "\uff1f", "\uff01", "\u3002")
SENTENCE_MARKS = (".", "\u2026", *QUESTION_MARKS)
PHRASE_MARKS = (",", ";", ":", "\u2013", "\u2014")
