from streams.metrics.health import Health

PLACE = ("fleet", 0)


def assigned_at(now_s: float) -> Health:
    health = Health(stalled_after_s=30)
    health.assigned([PLACE, ("fleet", 1)], now_s)
    return health


def test_it_is_healthy_but_not_ready_before_the_first_assignment() -> None:
    health = Health()

    assert health.health(0).is_good
    assert not health.readiness(0).is_good
    assert "no partition is assigned" in health.readiness(0).words


def test_records_that_wait_while_others_are_judged_are_no_stall() -> None:
    health = assigned_at(0)

    for now_s in range(0, 100, 5):
        health.moved(PLACE, done=now_s, is_waiting=True, now_s=now_s)

    assert health.readiness(100).is_good


def test_records_that_wait_while_none_is_judged_are_a_stall_that_names_its_place() -> None:
    # seconds   0 . . . 10 . . . . . . 39   41
    # judged    5       5              5
    # waiting           x x x x x x x x x
    health = assigned_at(0)
    health.moved(PLACE, done=5, is_waiting=False, now_s=0)
    health.moved(PLACE, done=5, is_waiting=False, now_s=10)
    health.moved(PLACE, done=5, is_waiting=True, now_s=39)

    assert health.health(39).is_good
    health.found_kafka(41)
    assert health.health(41).words == "records wait and none is dealt with: fleet/0 for 31 s"
    assert not health.readiness(41).is_good


def test_a_partition_with_nothing_to_do_never_stalls() -> None:
    health = assigned_at(0)
    health.moved(PLACE, done=5, is_waiting=False, now_s=0)

    health.found_kafka(10_000)
    assert health.health(10_000).is_good


def test_a_stall_is_over_when_a_record_is_judged_or_its_partition_is_given_up() -> None:
    health = assigned_at(0)
    health.moved(PLACE, done=5, is_waiting=True, now_s=0)
    health.moved(PLACE, done=5, is_waiting=True, now_s=50)
    assert not health.health(50).is_good

    health.moved(PLACE, done=6, is_waiting=True, now_s=51)
    assert health.health(51).is_good

    health.moved(PLACE, done=6, is_waiting=True, now_s=90)
    assert not health.health(90).is_good
    health.assigned([("fleet", 1)], 91)
    assert health.health(91).is_good


def test_without_kafka_it_is_not_ready_and_no_restart_is_asked_for() -> None:
    health = assigned_at(0)

    health.lost_kafka("no broker answers", 0)

    assert health.readiness(1).words == "no broker answers"
    assert health.health(1).is_good
    health.found_kafka(2)
    assert health.readiness(2).is_good


def test_what_waited_while_kafka_was_away_is_no_stall_when_it_is_back() -> None:
    health = assigned_at(0)
    health.moved(PLACE, done=5, is_waiting=True, now_s=1)

    for now_s in range(2, 60):
        health.lost_kafka("no broker answers", now_s)
        assert health.health(now_s).is_good
    health.found_kafka(60)
    health.moved(PLACE, done=5, is_waiting=True, now_s=60)

    assert health.readiness(60).is_good
    health.found_kafka(91)
    assert not health.health(91).is_good


def test_a_process_that_no_longer_looks_how_far_it_is_is_held_up() -> None:
    health = assigned_at(0)
    health.found_kafka(10)

    assert health.health(40).is_good
    assert health.health(41).words == "something holds the process up: it was last seen 31 s ago"
    assert not health.readiness(41).is_good
    health.found_kafka(42)
    assert health.readiness(42).is_good


def test_it_is_not_ready_while_its_partitions_go_elsewhere() -> None:
    health = assigned_at(0)
    health.moved(PLACE, done=5, is_waiting=True, now_s=1)

    health.given_up()

    health.found_kafka(50)
    assert health.health(50).is_good
    assert not health.readiness(50).is_good
    health.assigned([], 51)
    assert health.readiness(51).is_good
