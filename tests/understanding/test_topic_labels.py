import pytest

from earshot.understanding.topic_labels import TopicLabel, load_topic_labels, plain_words


def test_there_are_698_topics_each_described_and_below_its_parent() -> None:
    labels = load_topic_labels()
    assert len(labels) == 698
    assert len({label.label for label in labels}) == 698
    seen: set[str] = set()
    for label in labels:
        assert label.parent is None or label.parent in seen
        assert label.description
        assert label.example
        seen.add(label.label)


@pytest.mark.parametrize(
    ("tier", "words"),
    [
        ("IndoorEnvironmentalQuality", "Indoor Environmental Quality"),
        ("Home&Garden", "Home And Garden"),
        ("SUV", "SUV"),
        ("PCGames", "PC Games"),
        ("ParentingChildrenAged4-11", "Parenting Children Aged 4 11"),
    ],
)
def test_a_tier_is_told_in_words(tier: str, words: str) -> None:
    assert plain_words(tier) == words


def test_the_name_of_a_topic_says_what_it_is_part_of() -> None:
    assert TopicLabel("Sports>Tennis", "", "").name == "Tennis, Sports"
    assert TopicLabel("Sports", "", "").name == "Sports"
    assert TopicLabel("Sports", "", "").parent is None
