"""The models that this release knows by name, with their checksums, sources and licences."""

from dataclasses import dataclass

from earshot.models.sources import ModelFile, Source, WheelSource


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """One model: what it is for, its files, where they come from in order of preference."""

    name: str
    purpose: str
    licence: str
    files: tuple[ModelFile, ...]
    sources: tuple[Source, ...]
    is_required: bool


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

CATALOG: tuple[ModelSpec, ...] = (
    MOONSHINE_TINY_EN,
    SILERO_VAD,
    PYANNOTE_COMMUNITY_1,
    SAMPLE_RECORDING,
)
