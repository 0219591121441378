from streams.events.delivery import ScanKind
from streams.events.judgements import DelayPhase, DelayRule
from tests.factories import at, stop
from tests.streams.fleet.timeline import Timeline, later

RAISED, UPDATED, CLEARED = DelayPhase.RAISED, DelayPhase.UPDATED, DelayPhase.CLEARED


# s1 is 30 km out, 50 min at 10 m/s; its window closes at 09:00; P90 lies 11.6 min after P50
def far() -> Timeline:
    line = Timeline()
    line.route(stop("s1", 30_000, window=("08:00", "09:00"), order_ids=("o1",)), stop("s2", 31_000))
    return line


def told(line: Timeline) -> list[tuple[DelayPhase, DelayRule]]:
    return [(delay.phase, delay.rule) for delay in line.delays]


# ticks    08:00    08:04           08:13           08:14:30
# P90      +1.6     +5.6            +14.6
# P50      -10      -6              +3
#                   at_risk raised  late (updated)
def test_a_late_start_is_at_risk_then_late_as_one_alert() -> None:
    line = far()

    for clock in ("08:00", "08:04", "08:13"):
        line.tick(clock)

    assert told(line) == [(RAISED, DelayRule.AT_RISK), (UPDATED, DelayRule.LATE)]
    raised, late = line.delays
    assert raised.alert_id == late.alert_id
    assert round(late.delay_s) == 180
    assert late.cause == "late start"
    assert late.evidence == (
        "P50 09:03:00 UTC is 3.0 min past the close at 09:00:00 UTC; "
        "13.0 min behind plan, has not left yet 13.0 min after the shift's start"
    )
    assert late.order_ids == ("o1",)


def test_a_delay_below_the_threshold_is_not_raised() -> None:
    line = far()

    line.tick("08:00")

    assert line.delays == []


# s1 is 60 km out, 09:40 by P50 and 09:54 or later by P90; its window closes at 09:45
# driven   08:00 ............... 08:10 .. 08:11, on plan
#          says nothing of this stop     at_risk raised
def test_a_stop_more_than_an_hour_and_a_half_ahead_is_not_at_risk_yet() -> None:
    line = Timeline()
    line.route(stop("s1", 60_000, window=("08:00", "09:45")))
    line.park("07:58", 120)

    line.drive("08:00", 0, 6_000)
    before = told(line)
    line.drive("08:10", 6_000, 6_600)

    assert before == []
    assert told(line) == [(RAISED, DelayRule.AT_RISK)]
    assert later(line.delays[0].judged_at, 5_400) >= line.delays[0].p50_at


# ticks every 10 s; a P50 that moves by over a minute is estimated anew: every 70 s
# delay   180    250    320    390    460    530 ... 880
#         raised                             told    told
def test_a_delay_is_updated_when_it_has_changed_by_over_five_minutes() -> None:
    line = far()
    line.tick("08:13")

    for seconds in range(10, 780, 10):
        line.tick(later(at("08:13"), seconds))

    assert [round(delay.delay_s) for delay in line.delays] == [180, 530, 880]
    assert [delay.phase for delay in line.delays] == [RAISED, UPDATED, UPDATED]


# P50 - close   +3 | -3 ......................| (a revision brings s1 forward)
#               raised   fine since   2 min later: eased to at_risk, then cleared
def test_a_delay_clears_only_after_it_has_been_fine_for_two_minutes() -> None:
    line = far()
    line.tick("08:13")
    near = stop("s1", 10_000, window=("08:00", "09:00"), order_ids=("o1",))
    line.route(near, revision=2, effective="08:13")

    line.tick("08:14:59")
    before = told(line)
    line.tick("08:15")

    assert before == [(RAISED, DelayRule.LATE)]
    assert told(line)[-1] == (CLEARED, DelayRule.LATE)
    assert line.delays[-1].delay_s < 0


def test_a_flickering_estimate_raises_no_second_alert() -> None:
    line = far()
    line.tick("08:13")

    for number in range(6):
        east_m = 30_000 if number % 2 else 26_000
        line.route(
            stop("s1", east_m, window=("08:00", "09:00")), revision=2 + number, effective=f"08:{14 + number}"
        )
        line.tick(f"08:{14 + number}")

    assert [delay.phase for delay in line.delays].count(RAISED) == 1
    assert CLEARED not in [delay.phase for delay in line.delays]


def test_a_delay_clears_when_its_stop_is_done() -> None:
    line = far()
    line.tick("08:13")

    line.scan("09:10", ScanKind.DELIVERED, "o1")

    cleared = line.delays[-1]
    assert (cleared.phase, cleared.alert_id) == (CLEARED, line.delays[0].alert_id)
    assert cleared.evidence == "done at 09:10:00 UTC"


def test_a_delay_clears_when_its_stop_leaves_the_route() -> None:
    line = far()
    line.tick("08:13")

    line.route(stop("s2", 31_000), revision=2, effective="08:14")
    line.tick("08:14")

    assert line.delays[-1].phase is CLEARED
    assert line.delays[-1].evidence == "no longer on this route since plan revision 2"


def test_a_second_delay_of_a_stop_is_another_alert() -> None:
    line = far()
    line.tick("08:13")
    line.route(stop("s1", 5_000, window=("08:00", "09:00")), revision=2, effective="08:13")
    for clock in ("08:14", "08:16", "08:18"):
        line.tick(clock)

    line.route(stop("s1", 30_000, window=("08:00", "09:00")), revision=3, effective="08:19")
    line.tick("08:19")

    phases = [delay.phase for delay in line.delays]
    assert phases[0] is RAISED
    assert phases[-2:] == [CLEARED, RAISED]
    assert line.delays[-1].alert_id != line.delays[0].alert_id


# planned  08:00 --> s1 08:01:40 (2 min) --> s2
# driven   08:00 --> s1 08:01:40 ............ 08:12, unscanned
def test_a_long_service_is_named_as_the_cause() -> None:
    line = Timeline()
    line.route(
        stop("s1", 1000, service_s=120, order_ids=("o1",)), stop("s2", 2000, window=("08:00", "08:06"))
    )
    line.park("07:58", 120)
    line.drive("08:00", 0, 1000)

    line.park("08:01:40", 620, 1000)

    assert line.delays[-1].cause == "long service"


def test_standing_on_the_road_is_put_down_to_traffic() -> None:
    line = far()
    line.park("07:58", 120)
    line.drive("08:00", 0, 5000)

    line.park("08:08:20", 1200, 5000)

    assert line.delays[-1].cause == "traffic"
    assert "on the road" in line.delays[-1].evidence


def test_a_stop_planned_after_its_close_is_said_to_be_so_when_the_shift_starts() -> None:
    line = Timeline()
    line.route(stop("s1", 30_000, window=("08:00", "08:30")))
    line.tick("07:59")
    before = line.delays

    line.tick("08:00")

    assert before == []
    assert [(delay.phase, delay.cause) for delay in line.delays] == [(RAISED, "planned late")]


# P90 - close   +3.6   -2   +3.6   -2 ...        never fine for two minutes on end
def test_being_fine_counts_only_without_a_break() -> None:
    line = far()
    line.tick("08:13")
    line.route(stop("s1", 5_000, window=("08:00", "09:00")), revision=2, effective="08:14")
    line.tick("08:14")
    line.route(stop("s1", 30_000, window=("08:00", "09:00")), revision=3, effective="08:15")
    line.tick("08:15")
    line.route(stop("s1", 5_000, window=("08:00", "09:00")), revision=4, effective="08:16")
    line.tick("08:16")

    line.tick("08:17")

    assert CLEARED not in [delay.phase for delay in line.delays]


# P50 is 4 min before the close, P90 3 min after it
def test_a_late_stop_that_is_only_at_risk_any_more_stays_one_alert() -> None:
    line = far()
    line.tick("08:13")
    line.route(stop("s1", 24_500, window=("08:00", "09:00")), revision=2, effective="08:15")
    line.tick("08:15")

    line.tick("08:17")

    assert told(line) == [(RAISED, DelayRule.LATE), (UPDATED, DelayRule.AT_RISK)]


# window                        09:00 ----- 10:00
# arrival   08:16:40  08:17:25                       8:16:40 is 43.3 min before the opening
#           (stands)  raised     cleared
def test_an_arrival_long_before_the_window_opens_is_early_until_it_opens() -> None:
    line = Timeline()
    line.route(stop("s1", 10_000, window=("09:00", "10:00"), order_ids=("o1",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 10_000)

    line.park("08:16:40", 2700, 10_000)

    assert told(line) == [(RAISED, DelayRule.EARLY), (CLEARED, DelayRule.EARLY)]
    raised, cleared = line.delays
    assert (raised.delay_s, raised.p50_at, raised.p90_at) == (-2600, at("08:16:40"), at("08:16:40"))
    assert raised.closes_at == at("10:00")
    assert raised.cause == "planned early"
    assert raised.evidence == (
        "arrived at 08:16:40 UTC, 43.3 min before the window opens at 09:00:00 UTC; "
        "planned to be there 43.3 min before it opens"
    )
    assert cleared.judged_at == at("09:00:10")
    assert cleared.evidence == "the window has opened at 09:00:00 UTC"


def test_an_arrival_a_little_before_the_window_opens_is_not_early() -> None:
    line = Timeline()
    line.route(stop("s1", 10_000, window=("08:26", "10:00"), order_ids=("o1",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 10_000)

    line.park("08:16:40", 600, 10_000)

    assert line.delays == []


# planned  08:00 --> s1 08:50, window from 08:55    driven: at s1 at 08:25
def test_an_early_arrival_that_was_not_planned_says_how_far_ahead_it_is() -> None:
    line = Timeline()
    line.route(stop("s1", 30_000, window=("08:55", "10:00"), order_ids=("o1",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 30_000, speed_mps=20)
    line.park("08:25", 120, 30_000)

    line.scan("08:30", ScanKind.DELIVERED, "o1")

    assert told(line) == [(RAISED, DelayRule.EARLY), (CLEARED, DelayRule.EARLY)]
    assert line.delays[0].cause == "ahead of plan"
    assert "25.0 min ahead of plan" in line.delays[0].evidence
    assert line.delays[1].evidence == "done at 08:30:00 UTC"


def test_an_early_arrival_is_over_when_the_vehicle_leaves() -> None:
    line = Timeline()
    line.route(stop("s0", 5_000), stop("s1", 10_000, window=("09:00", "10:00"), order_ids=("o1",)))
    line.park("07:58", 120)
    line.drive("08:00", 0, 10_000)
    line.park("08:16:40", 180, 10_000)

    line.drive("08:19:40", 10_000, 12_000)

    assert told(line) == [(RAISED, DelayRule.EARLY), (CLEARED, DelayRule.EARLY)]
    assert line.delays[1].evidence.startswith("the vehicle has left")
    assert line.delays[1].p50_at == at("08:16:40")


# window closes 09:00 | ticks 08:58 at risk, 09:00:01 missed (delay_interval_s after the last word)
def test_a_window_that_closes_on_a_stop_that_nobody_serves_is_missed() -> None:
    line = far()
    for clock in ("08:00", "08:13", "08:59:30"):
        line.tick(clock)

    line.tick("09:00:01")
    line.tick("09:00:31")

    assert told(line)[-1] == (UPDATED, DelayRule.MISSED)
    assert line.delays[-1].alert_id == line.delays[0].alert_id
    assert "past the close at 09:00:00 UTC" in line.delays[-1].evidence


# 08:08:20 .......................... stands 5 km out, at no stop, for over half an hour
def test_standing_at_no_stop_for_half_an_hour_is_named_a_breakdown() -> None:
    line = far()
    line.park("07:58", 120)
    line.drive("08:00", 0, 5000)

    line.park("08:08:20", 2700, 5000)

    assert line.delays[-1].cause == "breakdown"
    assert "has stood for 43.0 min at no stop" in line.delays[-1].evidence


# plan 1   08:00 --> s2 08:33:20 (window to 08:45)
# plan 2   08:00 --> s1 08:16:40 (service 20 min) --> s2 08:53:20
def test_a_stop_that_came_in_before_is_named_as_added_work() -> None:
    line = Timeline()
    last = stop("s2", 20_000, window=("08:00", "08:45"))
    line.route(last)
    line.tick("08:00")
    before = line.delays

    line.route(stop("s1", 10_000, service_s=1200), last, revision=2, effective="08:01")
    line.tick("08:01")

    assert before == []
    assert (line.delays[-1].phase, line.delays[-1].cause) == (RAISED, "added work")
    assert "planned 20.0 min later since 1 stop came in before it" in line.delays[-1].evidence


def test_a_stop_that_was_gone_for_a_while_is_held_against_its_first_plan() -> None:
    line = Timeline()
    added, last = stop("s1", 10_000, service_s=1200), stop("s2", 20_000, window=("08:00", "08:45"))
    line.route(last)
    line.tick("08:00")
    line.route(added, revision=2, effective="08:01")
    line.tick("08:01")

    line.route(added, last, revision=3, effective="08:02")
    line.tick("08:02")

    assert (line.delays[-1].stop_id, line.delays[-1].cause) == ("s2", "added work")
    assert "planned 20.0 min later since 2 stops came in before it" in line.delays[-1].evidence
