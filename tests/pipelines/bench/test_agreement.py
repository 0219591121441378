from pipelines.bench.streams.agreement import compare, settled


def test_visits_agree_within_the_tolerance() -> None:
    here = {("a", "1"): 100.0, ("a", "2"): 240.0, ("b", "1"): 50.0}
    there = {("a", "1"): 110.0, ("a", "2"): 200.0, ("c", "1"): 50.0}

    found = compare("here", "visits", here, there, 1000, tolerance_s=30.0)

    assert (found.same, found.apart, found.only_here, found.only_in_reference) == (1, 1, 1, 1)
    assert found.largest_gap_s == 40.0


def test_without_a_tolerance_it_counts_who_was_spoken_of() -> None:
    found = compare("here", "late", {("a", "1"): 0.0}, {("a", "1"): 9e9, ("a", "2"): 1.0}, 1000, None)

    assert (found.same, found.apart, found.only_here, found.only_in_reference) == (1, 0, 0, 1)


# here    a1 ......... b1        |  c1
# there        a1 ...............|... b1
#                              until
def test_a_visit_that_one_puts_before_the_end_and_the_other_after_it_is_compared() -> None:
    here = {("a", "1"): 10.0, ("b", "1"): 90.0, ("c", "1"): 120.0}
    there = {("a", "1"): 20.0, ("b", "1"): 110.0}

    kept_here, kept_there = settled(here, there, until_s=100.0)

    assert kept_here == {("a", "1"): 10.0, ("b", "1"): 90.0}
    assert kept_there == there
