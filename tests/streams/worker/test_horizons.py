from faust.types import TP

from streams.worker.horizons import Horizons
from streams.worker.merge import Horizon

FIXES = TP("gps.fixes", 3)


def horizons(position: int = 0) -> Horizons:
    subject = Horizons()
    subject.start({FIXES: position})
    return subject


def test_a_log_that_has_been_read_to_its_end_is_known_as_of_the_question() -> None:
    subject = horizons(17)

    subject.answered({FIXES: 17}, asked_at_s=5.0)

    assert subject.news() == {FIXES: Horizon(-1, 5.0)}
    assert subject.news() == {}


def test_a_log_is_known_when_it_has_been_read_so_far() -> None:
    subject = horizons(10)
    subject.answered({FIXES: 17}, asked_at_s=5.0)
    before = subject.news()

    subject.delivered({FIXES: 16}, {FIXES: 17})

    assert before == {}
    assert subject.news() == {FIXES: Horizon(16, 5.0)}


def test_a_gap_at_the_end_of_a_log_counts_as_read() -> None:
    subject = horizons()
    subject.answered({FIXES: 17}, asked_at_s=5.0)

    subject.delivered({FIXES: 12}, {FIXES: 17})

    assert subject.news() == {FIXES: Horizon(12, 5.0)}


def test_what_was_asked_before_reading_began_counts() -> None:
    subject = Horizons()
    subject.answered({FIXES: 17}, asked_at_s=5.0)

    subject.start({FIXES: 17})

    assert subject.news() == {FIXES: Horizon(-1, 5.0)}


def test_an_end_that_runs_away_is_still_reached() -> None:
    #   asked   1     2     3
    #   end    10    20    30      read to 10, then to 30
    subject = horizons()
    for asked_at_s, end in ((1.0, 10), (2.0, 20), (3.0, 30)):
        subject.answered({FIXES: end}, asked_at_s)

    subject.delivered({FIXES: 9}, {FIXES: 10})
    first = subject.news()
    subject.delivered({FIXES: 29}, {FIXES: 30})

    assert first == {FIXES: Horizon(9, 1.0)}
    assert subject.news() == {FIXES: Horizon(29, 3.0)}


def test_the_same_end_again_is_known_as_of_the_later_question() -> None:
    subject = horizons()
    subject.answered({FIXES: 10}, asked_at_s=1.0)
    subject.answered({FIXES: 10}, asked_at_s=2.0)

    subject.delivered({FIXES: 9}, {FIXES: 10})

    assert subject.news() == {FIXES: Horizon(9, 2.0)}
