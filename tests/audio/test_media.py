from earshot.audio.media import ChannelMode, DecodeOptions


def test_the_default_limits_are_those_of_the_api_and_half_a_gigabyte() -> None:
    options = DecodeOptions()

    assert options.max_duration_ms == 10 * 60 * 60 * 1000
    assert options.max_memory_mb == 512


def test_a_silent_decoder_is_given_up_before_its_whole_allowance_could_be_abused() -> None:
    options = DecodeOptions()

    assert options.max_silence_s <= options.allowance_s
    assert options.min_speed > 1.0  # real time would let a bomb run for 10 h


def test_channels_are_either_mixed_or_split() -> None:
    assert {mode.value for mode in ChannelMode} == {"mix", "split"}
