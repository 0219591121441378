"""A judge that is saved and loaded again and again, and one that never is."""

from collections import Counter
from random import Random

from streams.codec import encode
from streams.fleet.judge import FleetJudge
from streams.judge import DeadLetter, run_of
from streams.topics import FLEET_INPUTS
from tests.faults.calm import Words, calm_run
from tests.faults.known_stream import known_stream
from tests.faults.one_log import one_log
from tests.faults.plan import Form

SEED = 20261121
RESTARTS = 200


def test_a_judge_that_is_restarted_again_and_again_says_what_a_calm_one_says(form: Form) -> None:
    log = one_log(known_stream(form.restarted, SEED))
    cuts = sorted(Random(SEED).sample(range(1, len(log)), RESTARTS))
    judge, words = FleetJudge(), Words()

    saved = judge.save(judge.fresh(0))
    for begin, end in zip([0, *cuts], [*cuts, len(log)], strict=True):
        state = judge.load(saved)
        for output in judge.advance_run(state, run_of(log[begin:end], tuple(t.name for t in FLEET_INPUTS))):
            if isinstance(output, DeadLetter):
                at = output.record
                words.letters[at.topic, at.partition, at.offset, output.index] = output.raw
            else:
                words.events[output.topic.name][encode(output.event)] += 1
        saved = judge.save(state)

    calm = calm_run(log)
    differing = Counter({name: len(set(words.events[name]) ^ set(calm.events[name])) for name in calm.events})
    assert differing.total() == 0, differing
    assert words.events == calm.events
    assert words.letters == calm.letters
