import numpy as np

from earshot.diarization.voiceprints import VoiceFeatures, VoiceHead


def make_features(n_features: int = 20) -> VoiceFeatures:
    random = np.random.default_rng(3)
    head = VoiceHead(
        random.normal(size=(5, 8)).astype(np.float32), random.normal(size=5).astype(np.float32)
    )
    values = random.normal(size=(n_features, 4)).astype(np.float32)
    return VoiceFeatures(values, np.ones(n_features, dtype=bool), head)


def test_an_embedding_is_of_mean_and_deviation_of_the_chosen_moments() -> None:
    features = make_features()
    chosen = np.zeros((1, 20), dtype=bool)
    chosen[0, 3:9] = True
    part = features.values[3:9]
    statistics = np.concatenate([part.mean(axis=0), part.std(axis=0, ddof=1)])
    expected = features.head.weights @ statistics + features.head.bias
    expected /= np.linalg.norm(expected)
    np.testing.assert_allclose(features.embed(chosen)[0], expected, atol=1e-4)


def test_moments_that_were_left_out_count_for_nothing() -> None:
    features = make_features()
    features.is_present[10:] = False
    features.values[10:] = 0
    everything, present = np.ones((1, 20)), np.zeros((1, 20))
    present[0, :10] = 1
    np.testing.assert_array_equal(features.embed(everything), features.embed(present))


def test_several_choices_at_once_are_as_each_by_itself() -> None:
    features = make_features()
    choices = np.random.default_rng(4).random((6, 20)) > 0.5
    together = features.embed(choices)
    np.testing.assert_allclose(together[2], features.embed(choices[2:3])[0], atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_a_single_moment_has_an_embedding() -> None:
    chosen = np.zeros((1, 20), dtype=bool)
    chosen[0, 7] = True
    assert np.isfinite(make_features().embed(chosen)).all()
