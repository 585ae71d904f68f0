from earshot.audio.decoding.timeline import MAX_GAP_S, TOLERANCE_S, Timeline

RATE = 1000  # Hz, so that samples are milliseconds


def timed(origin_s: float | None = 0.0, duration_s: float | None = None) -> Timeline:
    return Timeline(is_timed=True, origin_s=origin_s, duration_s=duration_s)


def test_frames_without_timestamps_follow_one_another() -> None:
    timeline = timed()

    assert [timeline.place(None, 20, RATE) for _ in range(3)] == [0.0, 0.02, 0.04]


def test_timestamps_of_untimed_media_are_not_believed() -> None:
    timeline = Timeline(is_timed=False, origin_s=0.0, duration_s=None)

    assert [timeline.place(pts_s, 20, RATE) for pts_s in (5.0, 9.0)] == [0.0, 0.02]


def test_the_clock_starts_at_the_origin() -> None:
    assert timed(origin_s=1.4).place(1.4, 20, RATE) == 0.0


def test_without_an_origin_the_first_frame_is_the_start() -> None:
    timeline = timed(origin_s=None)

    assert timeline.place(77.0, 20, RATE) == 0.0
    assert timeline.origin_s == 77.0


def test_audio_that_begins_late_is_placed_late_to_the_sample() -> None:
    timeline = timed()

    assert timeline.place(0.03, 20, RATE) == 0.03
    assert timeline.next_s == 0.05


def test_jitter_of_timestamps_is_not_followed() -> None:
    timeline = timed()

    placed = [timeline.place(pts_s, 20, RATE) for pts_s in (0.0, 0.021, 0.039, 0.06)]

    assert placed == [0.0, 0.02, 0.04, 0.06]


def test_a_gap_moves_what_follows() -> None:
    timeline = timed()
    timeline.place(0.0, 20, RATE)

    assert timeline.place(2.0, 20, RATE) == 2.0
    assert timeline.place(2.02, 20, RATE) == 2.02


def test_small_gaps_that_add_up_are_caught_up_with() -> None:
    timeline = timed()
    frame_s, gap_s = 0.02, TOLERANCE_S / 4
    placed = [timeline.place(i * (frame_s + gap_s), 20, RATE) for i in range(50)]

    assert abs(placed[-1] - 49 * (frame_s + gap_s)) <= TOLERANCE_S


def test_a_clock_set_back_loses_nothing() -> None:
    timeline = timed()
    timeline.place(100.0, 20, RATE)

    assert timeline.place(0.0, 20, RATE) == 100.02
    assert timeline.place(0.02, 20, RATE) == 100.04


def test_a_leap_of_hours_is_a_broken_clock_and_not_silence() -> None:
    timeline = timed()
    timeline.place(0.0, 20, RATE)

    assert timeline.place(MAX_GAP_S + 1, 20, RATE) == 0.02


def test_a_gap_beyond_the_known_duration_is_a_broken_clock() -> None:
    timeline = timed(duration_s=10.0)
    timeline.place(0.0, 20, RATE)

    assert timeline.place(60.0, 20, RATE) == 0.02


def test_after_a_jump_the_timestamp_counts_even_in_untimed_media() -> None:
    timeline = Timeline(is_timed=False, origin_s=None, duration_s=None)
    timeline.place(0.0, 20, RATE)
    timeline.resync()

    assert timeline.place(8000.0, 20, RATE) == 8000.0
    assert timeline.place(None, 20, RATE) == 8000.02


def test_a_change_of_rate_keeps_the_time() -> None:
    timeline = timed()
    timeline.place(None, 500, 1000)

    assert timeline.place(None, 500, 500) == 0.5
    assert timeline.next_s == 1.5
