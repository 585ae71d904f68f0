"""Tiny models of the families that the optional engines run, made on the spot: random weights.

They have the files, names and shapes of the published ones, and none of their knowledge: what they
say is decided by the position in the text alone. They do not show how well an engine hears; they do
show that it loads, runs, and turns what comes out into words.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import ctranslate2
import numpy as np
import numpy.typing as npt
import onnx
import tokenizers
from onnx import TensorProto, helper, numpy_helper

Floats = npt.NDArray[np.float32]

_WHISPER_CODES: Final = """
    en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th
    ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk br eu is hy ne mn bs kk sq sw gl mr pa
    si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln
    ha ba jw su
"""
WHISPER_LANGUAGES: Final = tuple(_WHISPER_CODES.split())
"""In the order of their tokens."""

SCRIPT: Final = (" so", " we", " be", "at", " on", ".")
"""What a tiny model says of every segment: five words, one of two tokens and one with a mark."""

SCRIPT_WORDS: Final = ("so", "we", "beat", "on.")

WHISPER_WIDTH: Final = 32
END: Final = "<|endoftext|>"
WHISPER_HEARD_LANGUAGE: Final = "de"
"""The language that the tiny Whisper hears in everything."""


def make_tiny_whisper(folder: Path, *, is_endless: bool = False) -> Path:
    """A Whisper of many languages in CTranslate2's format: one layer of encoder and decoder.

    An endless one says its first word again and again after the script.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tokens = _whisper_tokens()
    spec = ctranslate2.specs.WhisperSpec(1, 2, 1, 2)
    _fill_whisper(spec, tokens, np.random.default_rng(0), last=SCRIPT[0] if is_endless else END)
    numbers = {token: number for number, token in enumerate(tokens)}
    spec.config.suppress_ids = []
    spec.config.suppress_ids_begin = []
    spec.config.lang_ids = [numbers[f"<|{code}|>"] for code in WHISPER_LANGUAGES]
    spec.config.alignment_heads = [(0, 0), (0, 1)]
    spec.register_vocabulary(tokens)
    spec.validate()
    spec.save(str(folder))
    _whisper_tokenizer(tokens).save(str(folder / "tokenizer.json"))
    return folder


def _whisper_tokens() -> list[str]:
    """Every token by its number: text, the special ones, and the moments of a window."""
    special = [END, "<|startoftranscript|>"]
    special += [f"<|{code}|>" for code in WHISPER_LANGUAGES]
    special += ["<|translate|>", "<|transcribe|>", "<|startoflm|>", "<|startofprev|>"]
    special += ["<|nospeech|>", "<|notimestamps|>"]
    moments = [f"<|{index * 0.02:.2f}|>" for index in range(1501)]
    text = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    text += [token.replace(" ", "\u0120") for token in SCRIPT if len(token) > 1]
    # The nameless token is how CTranslate2 tells a Whisper of many languages from one of English.
    return [*text, "", *special, *moments]


def _whisper_tokenizer(tokens: Sequence[str]) -> Any:  # noqa: ANN401 - a class without types
    numbers = {token: number for number, token in enumerate(tokens)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocab=numbers, merges=[]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    first_special = numbers[END]
    first_moment = numbers["<|0.00|>"]
    tokenizer.add_special_tokens(list(tokens[first_special:first_moment]))
    return tokenizer


def _fill_whisper(
    spec: Any,  # noqa: ANN401 - of a library without types
    tokens: Sequence[str],
    rng: np.random.Generator,
    *,
    last: str,
) -> None:
    """Weights by which the model says the script, and then `last` for ever."""
    width = WHISPER_WIDTH

    def small(*shape: int) -> Floats:
        return rng.normal(0, 0.02, shape).astype(np.float32)

    def fill_norm(norm: Any) -> None:  # noqa: ANN401
        norm.gamma, norm.beta = np.ones(width, np.float32), np.zeros(width, np.float32)

    def fill_linear(linear: Any, n_out: int, n_in: int) -> None:  # noqa: ANN401
        linear.weight, linear.bias = small(n_out, n_in), np.zeros(n_out, np.float32)

    def fill_layer(layer: Any) -> None:  # noqa: ANN401
        fill_linear(layer.self_attention.linear[0], 3 * width, width)
        fill_linear(layer.self_attention.linear[1], width, width)
        fill_norm(layer.self_attention.layer_norm)
        fill_linear(layer.ffn.linear_0, 2 * width, width)
        fill_linear(layer.ffn.linear_1, width, 2 * width)
        fill_norm(layer.ffn.layer_norm)

    encoder, decoder = spec.encoder, spec.decoder
    encoder.conv1.weight, encoder.conv1.bias = small(width, 80, 3), np.zeros(width, np.float32)
    encoder.conv2.weight, encoder.conv2.bias = small(width, width, 3), np.zeros(width, np.float32)
    encoder.position_encodings.encodings = small(1500, width)
    fill_norm(encoder.layer_norm)
    fill_layer(encoder.layer[0])
    fill_layer(decoder.layer[0])
    fill_linear(decoder.layer[0].attention.linear[0], width, width)
    fill_linear(decoder.layer[0].attention.linear[1], 2 * width, width)
    fill_linear(decoder.layer[0].attention.linear[2], width, width)
    fill_norm(decoder.layer[0].attention.layer_norm)
    fill_norm(decoder.layer_norm)
    decoder.embeddings.weight = small(len(tokens), width)
    # The position alone decides: each has a direction of its own, for `width` positions in a row.
    directions = np.eye(width, dtype=np.float32)
    decoder.position_encodings.encodings = np.tile(directions, (448 // width, 1)) * 4
    decoder.projection.weight = small(len(tokens), width)
    numbers = {token: number for number, token in enumerate(tokens)}
    said = {0: f"<|{WHISPER_HEARD_LANGUAGE}|>"}
    # The prompt takes four positions: start, language, task, and that no moments are wanted.
    said |= dict(enumerate(SCRIPT, 3))
    said |= dict.fromkeys(range(3 + len(SCRIPT), width), last)
    for position, token in said.items():
        decoder.projection.weight[numbers[token.replace(" ", "\u0120")], position] = 3.0


NEMO_VOCABULARY: Final = ("<unk>", *(token.replace(" ", "\u2581") for token in SCRIPT), "<blk>")
"""The tokens of a tiny Parakeet by number, spelled as in `vocab.txt`."""

_CANARY_TOKENS: Final = (
    "\u2581 <|startofcontext|> <|startoftranscript|> <|emo:undefined|> <|en|> <|de|> <|pnc|> "
    "<|noitn|> <|notimestamp|> <|nodiarize|> <|endoftext|>"
)
CANARY_PROMPT: Final = tuple(_CANARY_TOKENS.split())
N_DURATIONS: Final = 5
FRAMES_PER_TOKEN: Final = 2
ENCODED_WIDTH: Final = 4


def make_tiny_parakeet(folder: Path, *, kind: str = "tdt") -> Path:
    """A Parakeet, of the `tdt` or the `ctc` kind, or (`aed`) a Canary, as onnx-asr wants them."""
    folder.mkdir(parents=True, exist_ok=True)
    config = {"model_type": f"nemo-conformer-{kind}", "features_size": 128, "subsampling_factor": 8}
    (folder / "config.json").write_text(json.dumps(config))
    vocabulary = (*CANARY_PROMPT, *NEMO_VOCABULARY[1:-1]) if kind == "aed" else NEMO_VOCABULARY
    lines = [f"{token} {number}\n" for number, token in enumerate(vocabulary)]
    (folder / "vocab.txt").write_text("".join(lines), encoding="utf-8")
    graphs = {"tdt": _tdt_graphs, "ctc": _ctc_graphs, "aed": _canary_graphs}[kind]()
    for name, graph in graphs.items():
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
        onnx.checker.check_model(model)
        onnx.save(model, folder / name)
    return folder


_AUDIO_INPUTS = (
    ("audio_signal", TensorProto.FLOAT, ["b", 128, "t"]),
    ("length", TensorProto.INT64, ["b"]),
)
# Frames before the encoder's subsampling by eight, to frames after it: (length - 1) // 8 + 1.
_N_ENCODED = (
    helper.make_node("Sub", ["length", "one"], ["length_less_one"]),
    helper.make_node("Div", ["length_less_one", "eight"], ["n_whole"]),
    helper.make_node("Add", ["n_whole", "one"], ["n_encoded"]),
)
_LONGEST = helper.make_node("ReduceMax", ["n_encoded"], ["longest"], keepdims=0)
_NUMBERS = {"one": np.array(1), "eight": np.array(8), "zero": np.array(0)}


def _graph(
    name: str,
    nodes: Sequence[onnx.NodeProto],
    inputs: Sequence[tuple[str, int, list[Any]]],
    outputs: Sequence[tuple[str, int, list[Any]]],
    constants: Mapping[str, npt.NDArray[Any]],
) -> onnx.GraphProto:
    return helper.make_graph(
        list(nodes),
        name,
        [helper.make_tensor_value_info(*one) for one in inputs],
        [helper.make_tensor_value_info(*one) for one in outputs],
        [numpy_helper.from_array(np.asarray(value), key) for key, value in constants.items()],
    )


def _encoder(
    output: tuple[str, int, list[Any]], mask: str, *, is_time_last: bool
) -> onnx.GraphProto:
    """An encoder whose states are all zero, and as many as they should be."""
    shape = ["b_dim", "width", "longest_dim"] if is_time_last else ["b_dim", "longest_dim", "width"]
    nodes = [
        *_N_ENCODED,
        _LONGEST,
        helper.make_node("Shape", ["length"], ["b_dim"]),
        helper.make_node("Unsqueeze", ["longest", "axis"], ["longest_dim"]),
        helper.make_node("Concat", shape, ["shape"], axis=0),
        helper.make_node("ConstantOfShape", ["shape"], [output[0]]),
    ]
    width, axis = np.array([ENCODED_WIDTH]), np.array([0])
    if mask == "encoder_mask":
        nodes += [
            helper.make_node("Concat", ["b_dim", "longest_dim"], ["mask_shape"], axis=0),
            helper.make_node("Expand", ["one", "mask_shape"], ["encoder_mask"]),
        ]
        mask_output = (mask, TensorProto.INT64, ["b", "n"])
    else:
        nodes.append(helper.make_node("Identity", ["n_encoded"], [mask]))
        mask_output = (mask, TensorProto.INT64, ["b"])
    constants = {**_NUMBERS, "width": width, "axis": axis}
    return _graph("encoder", nodes, _AUDIO_INPUTS, [output, mask_output], constants)


def _tdt_graphs() -> dict[str, onnx.GraphProto]:
    """The script, a token every two frames; the state of the decoder counts the tokens."""
    n_tokens, blank = len(NEMO_VOCABULARY), len(NEMO_VOCABULARY) - 1
    table = np.zeros((len(SCRIPT) + 1, n_tokens + N_DURATIONS), dtype=np.float32)
    for step in range(len(SCRIPT)):
        table[step, step + 1] = table[step, n_tokens + FRAMES_PER_TOKEN] = 10.0
    table[-1, blank] = table[-1, n_tokens + 1] = 10.0
    nodes = [
        helper.make_node("Add", ["input_states_1", "float_one"], ["output_states_1"]),
        helper.make_node("Identity", ["input_states_2"], ["output_states_2"]),
        helper.make_node("ReduceMax", ["input_states_1"], ["count"], keepdims=0),
        helper.make_node("Min", ["count", "last"], ["bounded"]),
        helper.make_node("Cast", ["bounded"], ["step"], to=TensorProto.INT64),
        helper.make_node("Gather", ["table", "step"], ["row"], axis=0),
        helper.make_node("Unsqueeze", ["row", "axes"], ["outputs"]),
    ]
    state = ["layers", 1, ENCODED_WIDTH]
    state[0] = 1
    joint = _graph(
        "joint",
        nodes,
        [
            ("encoder_outputs", TensorProto.FLOAT, [1, ENCODED_WIDTH, 1]),
            ("targets", TensorProto.INT32, [1, 1]),
            ("target_length", TensorProto.INT32, [1]),
            ("input_states_1", TensorProto.FLOAT, state),
            ("input_states_2", TensorProto.FLOAT, state),
        ],
        [
            ("outputs", TensorProto.FLOAT, [1, 1, 1, n_tokens + N_DURATIONS]),
            ("output_states_1", TensorProto.FLOAT, state),
            ("output_states_2", TensorProto.FLOAT, state),
        ],
        {
            "table": table,
            "float_one": np.array(1, dtype=np.float32),
            "last": np.array(len(SCRIPT), dtype=np.float32),
            "axes": np.array([0, 1, 2]),
        },
    )
    encoder = _encoder(
        ("outputs", TensorProto.FLOAT, ["b", ENCODED_WIDTH, "n"]),
        "encoded_lengths",
        is_time_last=True,
    )
    return {"encoder-model.onnx": encoder, "decoder_joint-model.onnx": joint}


def _ctc_graphs() -> dict[str, onnx.GraphProto]:
    """The script, a token every two frames, then blanks."""
    table = np.full((len(SCRIPT) + 1, len(NEMO_VOCABULARY)), -10.0, dtype=np.float32)
    for step in range(len(SCRIPT)):
        table[step, step + 1] = -0.01
    table[-1, -1] = -0.01
    nodes = [
        *_N_ENCODED,
        _LONGEST,
        helper.make_node("Range", ["zero", "longest", "one"], ["frames"]),
        helper.make_node("Div", ["frames", "two"], ["steps"]),
        helper.make_node("Min", ["steps", "last"], ["bounded"]),
        helper.make_node("Gather", ["table", "bounded"], ["rows"], axis=0),
        helper.make_node("Shape", ["length"], ["b_dim"]),
        helper.make_node("Concat", ["b_dim", "ones"], ["shape"], axis=0),
        helper.make_node("Expand", ["rows", "shape"], ["logprobs"]),
    ]
    constants = {
        **_NUMBERS,
        "two": np.array(FRAMES_PER_TOKEN),
        "last": np.array(len(SCRIPT)),
        "ones": np.array([1, 1]),
        "table": table,
    }
    output = ("logprobs", TensorProto.FLOAT, ["b", "n", len(NEMO_VOCABULARY)])
    return {"model.onnx": _graph("ctc", nodes, _AUDIO_INPUTS, [output], constants)}


def _canary_graphs() -> dict[str, onnx.GraphProto]:
    """The script, one token a step after the prompt of ten; the memories count the steps."""
    n_prompt = len(CANARY_PROMPT) - 1
    table = np.full((len(SCRIPT) + 1, len(CANARY_PROMPT) + len(SCRIPT)), -10.0, dtype=np.float32)
    for step in range(len(SCRIPT)):
        table[step, len(CANARY_PROMPT) + step] = -0.01
    table[-1, n_prompt] = -0.01
    nodes = [
        helper.make_node("Shape", ["input_ids"], ["ids_shape"]),
        helper.make_node("Concat", ["layer", "ids_shape", "width"], ["new_shape"], axis=0),
        helper.make_node("ConstantOfShape", ["new_shape"], ["new"]),
        helper.make_node("Concat", ["decoder_mems", "new"], ["decoder_hidden_states"], axis=2),
        helper.make_node("Shape", ["decoder_hidden_states"], ["n_steps"], start=2, end=3),
        helper.make_node("Sub", ["n_steps", "n_prompt"], ["after_prompt"]),
        helper.make_node("Min", ["after_prompt", "last"], ["step"]),
        helper.make_node("Gather", ["table", "step"], ["row"], axis=0),
        helper.make_node("Shape", ["input_ids"], ["b_dim"], start=0, end=1),
        helper.make_node("Concat", ["b_dim", "ones"], ["shape"], axis=0),
        helper.make_node("Expand", ["row", "shape"], ["logits"]),
    ]
    memories = [1, "b", "n", ENCODED_WIDTH]
    decoder = _graph(
        "decoder",
        nodes,
        [
            ("input_ids", TensorProto.INT64, ["b", "l"]),
            ("encoder_embeddings", TensorProto.FLOAT, ["b", "t", ENCODED_WIDTH]),
            ("encoder_mask", TensorProto.INT64, ["b", "t"]),
            ("decoder_mems", TensorProto.FLOAT, memories),
        ],
        [
            ("logits", TensorProto.FLOAT, ["b", 1, table.shape[1]]),
            ("decoder_hidden_states", TensorProto.FLOAT, memories),
        ],
        {
            "layer": np.array([1]),
            "width": np.array([ENCODED_WIDTH]),
            "n_prompt": np.array([n_prompt]),
            "last": np.array([len(SCRIPT)]),
            "ones": np.array([1, 1]),
            "table": table,
        },
    )
    encoder = _encoder(
        ("encoder_embeddings", TensorProto.FLOAT, ["b", "n", ENCODED_WIDTH]),
        "encoder_mask",
        is_time_last=False,
    )
    return {"encoder-model.onnx": encoder, "decoder-model.onnx": decoder}
