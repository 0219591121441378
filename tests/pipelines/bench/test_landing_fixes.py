import pytest

from pipelines.bench.landing.fixes import VEHICLES, batches, fixes
from streams.codec import decode, elements, encode
from streams.events.telematics import GpsFix

COUNT = 2 * VEHICLES + 7


def test_fixes_are_byte_for_byte_what_the_codec_writes() -> None:
    made = list(fixes(500, seed=1))

    read = [decode(GpsFix, value) for _, value in made]

    assert [encode(fix) for fix in read] == [value for _, value in made]
    assert [fix.vehicle_id for fix in read] == [vehicle for vehicle, _ in made]


def test_there_are_as_many_as_wanted_and_the_same_for_the_same_seed() -> None:
    made = list(fixes(COUNT, seed=1))

    assert len(made) == COUNT
    assert made == list(fixes(COUNT, seed=1))
    assert made != list(fixes(COUNT, seed=2))


@pytest.mark.parametrize("of", [2, 20])
def test_batches_hold_the_same_fixes(of: int) -> None:
    made = list(batches(COUNT, of, seed=1))

    assert sorted(raw for _, value in made for raw in elements(value)) == sorted(
        value for _, value in fixes(COUNT, seed=1)
    )
    assert max(len(elements(value)) for _, value in made) == min(of, 3)
