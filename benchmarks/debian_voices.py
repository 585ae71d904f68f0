"""People who speak many languages: recordings in Debian's packages of prompts and games.

They are fetched by apt-get, about 540 MB, by `fetch_voices`, on a machine with Debian's sources.
"""

import random
import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from benchmarks.recordings import Pcm16, decode_pcm, write_wav
from earshot.audio.waveform import SAMPLE_RATE

ENGLISH: Final = "en"
# Each package, and which of its files hold words of which language: of English without that group.
# Letters by themselves are left out, and voices that sing or imitate other accents.
PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    **{
        f"asterisk-core-sounds-{language}-g722": (
            r"/(?P<language>[a-z]{2})_[A-Z]{2}_\w+/(?!silence|letters).*\.g722$",
        )
        for language in ("en", "es", "fr", "it", "ru")
    },
    "asterisk-prompt-es-co": (r"/sounds/(?P<language>es)/.*\.gsm$",),
    "asterisk-prompt-fr-armelle": (r"/sounds/(?P<language>fr)/(?!letters).*\.gsm$",),
    "asterisk-prompt-it-menardi-wav": (
        r"/(?P<language>it)_IT_f_Menardi/(?!silence|letters).*\.wav$",
    ),
    "fillets-ng-data-cs": (r"/sound/(?!music).*/(?P<language>cs)/.*\.ogg$",),
    "fillets-ng-data-nl": (r"/sound/(?!music).*/(?P<language>nl)/.*\.ogg$",),
    "hedgewars-data": (
        r"/voices/Default_(?P<language>[a-z]{2})/.*\.ogg$",
        r"/voices/(?P<voice>British|Classic|Default|HillBilly|Mobster|Pirate|Surfer)/.*\.ogg$",
    ),
    "ktuberling-data": (r"/sounds/(?P<language>[a-z]{2,3})(@\w+)?/.*\.(ogg|wav)$",),
    "qabcs-data": (r"/abcs/(?P<language>[a-z]{2})(_\w+)?/sounds/words/.*\.ogg$",),
    "tuxpaint-stamps-default": (
        r"/stamps/[^.]*_desc(_(?P<language>[a-z]{2}))?\.ogg$",
        r"/symbols/math/[^._]+(_(?P<language>[a-z]{2})(_\w+)?)?\.ogg$",
    ),
}
LONGEST_WORDS_S = 12.0
SHORTEST_WORDS_S = 0.2
# A clip goes on until it is about as long as one of these.
DURATIONS_S = (4, 6, 9, 13)
MOST_CLIPS = 24  # of one voice
MOST_ENGLISH_CLIPS = 72


@dataclass(frozen=True, slots=True)
class Voice:
    """Recordings of one package in one language, by one person or a few."""

    package: str
    language: str
    files: tuple[Path, ...]


def fetch_voices(folder: Path) -> None:
    """Unpack into the folder those packages that it does not hold yet."""
    folder.mkdir(parents=True, exist_ok=True)
    for package in PACKAGES:
        if not (folder / package).is_dir():
            with TemporaryDirectory(dir=folder) as made:  # so what is there is whole
                subprocess.run(["apt-get", "download", package], cwd=made, check=True)
                (archive,) = Path(made).glob("*.deb")
                subprocess.run(["dpkg", "-x", archive.name, package], cwd=made, check=True)
                (Path(made) / package).rename(folder / package)


def find_voices(folder: Path) -> list[Voice]:
    """The voices in unpacked packages, by package and language."""
    found: dict[tuple[str, str, str], list[Path]] = {}
    for package, patterns in PACKAGES.items():
        for path in sorted((folder / package).rglob("*.*")):
            for pattern in patterns:
                match = re.search(pattern, path.relative_to(folder).as_posix())
                if match is not None and path.is_file():
                    groups = match.groupdict()
                    key = (package, groups.get("language") or ENGLISH, groups.get("voice") or "")
                    found.setdefault(key, []).append(path)
                    break
    return [
        Voice(package, language, tuple(files)) for (package, language, _), files in found.items()
    ]


def record_voices(voices: Sequence[Voice], folder: Path) -> Iterator[tuple[Path, Voice]]:
    """Clips of words and sentences of one voice, with pauses, the same ones every time."""
    choose = random.Random(5)
    for number, voice in enumerate(voices):
        most = MOST_ENGLISH_CLIPS if voice.language == ENGLISH else MOST_CLIPS
        for clip in range(min(most, len(voice.files) // 2)):
            words = join_words(choose.sample(voice.files, len(voice.files)), choose)
            path = folder / f"{voice.package}-{voice.language}-{number}-{clip}.wav"
            yield write_wav(path, [words]), voice


def join_words(files: Sequence[Path], choose: random.Random) -> Pcm16:
    """What the first of the files say, one after the other, as one clip at any level."""
    parts: list[Pcm16] = []
    wanted = choose.choice(DURATIONS_S) * SAMPLE_RATE
    for file in files:
        words = trim_silence(decode_pcm(file))
        if SHORTEST_WORDS_S <= len(words) / SAMPLE_RATE <= LONGEST_WORDS_S:
            pause = np.zeros(int(choose.uniform(0.1, 0.5) * SAMPLE_RATE), np.int16)
            parts += [words, pause]
        if sum(len(part) for part in parts) >= wanted:
            break
    joined = np.concatenate([np.zeros(0, np.int16), *parts])
    peak = max(1, int(np.abs(joined.astype(np.int32)).max(initial=0)))
    level = choose.uniform(0.3, 0.9) * 32767 / peak
    clip: Pcm16 = np.rint(joined * level).astype(np.int16)
    return clip


def trim_silence(samples: Pcm16) -> Pcm16:
    """The samples between the first and the last that are over a hundredth of the loudest."""
    loudness = np.abs(samples.astype(np.int32))
    loud = np.flatnonzero(loudness > loudness.max(initial=0) / 100)
    return samples[loud[0] : loud[-1] + 1] if len(loud) else samples[:0]
