import numpy as np

from earshot.diarization.pieces import (
    Piece,
    cluster,
    cosine_distances,
    cut_pieces,
    group_pieces,
    moments_of,
)
from earshot.diarization.voiceprints import VoiceFeatures, VoiceHead
from tests.diarization.conftest import voice


def features_of(*numbers: int) -> VoiceFeatures:
    """100 features of each voice in turn, whose mean is the voice."""
    values = np.repeat([voice(number) for number in numbers], 100, axis=0)
    n_values = values.shape[1]
    head = VoiceHead(
        np.eye(n_values, 2 * n_values, dtype=np.float32), np.zeros(n_values, np.float32)
    )
    return VoiceFeatures(values, np.ones(len(values), dtype=bool), head)


def test_pieces_are_what_one_voice_says_alone() -> None:
    active = np.zeros((300, 2), dtype=bool)
    active[0:100, 0] = True
    active[80:200, 1] = True
    assert cut_pieces(active, 10_000) == [Piece(0, 80, 0), Piece(100, 200, 1)]


def test_long_pieces_are_cut_into_equal_ones() -> None:
    active = np.ones((240, 1), dtype=bool)  # 4 s
    pieces = cut_pieces(active, 1500)
    assert [(piece.first, piece.end) for piece in pieces] == [(0, 80), (80, 160), (160, 240)]


def test_pieces_that_sound_alike_are_one_voice_whatever_the_windows_think() -> None:
    pieces = [Piece(0, 100, 0), Piece(100, 200, 0), Piece(200, 300, 1)]
    labels = group_pieces(pieces, moments_of(pieces, 300), features_of(1, 2, 1), 500, 0.6)
    assert labels[0] == labels[2] != labels[1]


def test_a_short_piece_goes_with_the_nearest_of_the_same_window_voice() -> None:
    pieces = [Piece(0, 100, 0), Piece(105, 110, 1), Piece(120, 200, 0), Piece(200, 300, 1)]
    labels = group_pieces(pieces, moments_of(pieces, 300), features_of(1, 1, 2), 500, 0.6)
    assert labels[1] == labels[3] != labels[0]


def test_only_short_pieces_speak_for_themselves() -> None:
    pieces = [Piece(0, 10, 0), Piece(150, 160, 0)]
    labels = group_pieces(pieces, moments_of(pieces, 200), features_of(1, 2), 500, 0.6)
    assert labels[0] != labels[1]


def test_pieces_of_which_nothing_was_heard_are_one_voice() -> None:
    features = features_of(1)
    features.is_present[:] = False
    pieces = [Piece(0, 40, 0), Piece(50, 90, 1)]
    assert group_pieces(pieces, moments_of(pieces, 100), features, 500, 0.6).tolist() == [0, 0]


def test_groups_are_joined_while_they_are_close_on_average() -> None:
    embeddings = np.array([voice(1), voice(2), voice(1, 0.2), voice(2, 0.2)])
    labels = cluster(cosine_distances(embeddings), 0.5)
    assert labels[0] == labels[2] != labels[1] == labels[3]
    assert set(cluster(cosine_distances(embeddings), 2.5).tolist()) == {0}


def test_one_alone_is_a_group() -> None:
    assert cluster(np.zeros((1, 1)), 0.5).tolist() == [0]
