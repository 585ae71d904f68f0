"""Other programs that find key phrases, summarise and divide texts, each behind a function."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module

from earshot.understanding.stems import content_stems
from earshot.understanding.stop_words import STOP_WORDS

Phrases = Callable[[str], Sequence[str]]
Summary = Callable[[Sequence[str], int], str]  # sentences, and how many to take
Division = Callable[[Sequence[str]], Sequence[int]]  # where stretches after the first begin


def load_yake() -> Phrases:
    extractor = import_module("yake").KeywordExtractor(lan="en", n=3, top=20)
    return lambda text: [phrase for phrase, _ in extractor.extract_keywords(text)]


class _Tokenizer:
    """Sentences are lines: NLTK's own data is not on the package index."""

    def to_sentences(self, text: str) -> list[str]:
        return text.split("\n")

    def to_words(self, text: str) -> list[str]:
        return re.findall(r"[a-z0-9']+", text.lower())


def load_sumy_lexrank() -> Summary:
    parse = import_module("sumy.parsers.plaintext").PlaintextParser.from_string
    summarize = import_module("sumy.summarizers.lex_rank").LexRankSummarizer()
    summarize.stop_words = STOP_WORDS

    def summary(sentences: Sequence[str], n_wanted: int) -> str:
        # It divides by zero where a sentence has nothing but stop words.
        telling = [one for one in sentences if content_stems(one)]
        document = parse("\n".join(telling), _Tokenizer()).document
        return " ".join(map(str, summarize(document, n_wanted)))

    return summary


def take_first(sentences: Sequence[str], n_wanted: int) -> str:
    return " ".join(sentences[:n_wanted])


def load_texttiling(w: int = 20, k: int = 10) -> Division:
    """Pseudo-sentences of `w` words, `k` of them a block; NLTK's defaults unless given."""
    tokenizer = import_module("nltk.tokenize").TextTilingTokenizer
    return partial(_tile, tokenizer(w=w, k=k, stopwords=sorted(STOP_WORDS)).tokenize)


def _tile(tokenize: Callable[[str], Sequence[str]], texts: Sequence[str]) -> list[int]:
    try:
        stretches = tokenize("\n\n".join(texts))
    except ValueError:  # of a text that it finds too short
        return []
    bounds, n_before = [], 0
    for stretch in stretches[:-1]:
        n_before += len([line for line in stretch.split("\n\n") if line.strip()])
        bounds.append(n_before)
    return bounds


def divide_nowhere(texts: Sequence[str]) -> list[int]:
    del texts
    return []
