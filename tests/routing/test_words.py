import pytest

from routing.words import in_words


@pytest.mark.parametrize(
    ("duration_s", "words"),
    [
        (0, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (-725, "12 min"),
        (3599, "1 h 00 min"),
        (3600, "1 h 00 min"),
        (7500, "2 h 05 min"),
    ],
)
def test_durations_are_said_as_a_dispatcher_says_them(duration_s: float, words: str) -> None:
    assert in_words(duration_s) == words
