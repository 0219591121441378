"""What lands of the made-up fleet: a query a topic, over the tables ``days``, ``vehicles`` and ``stops``."""

from datetime import date, timedelta

from pipelines.bench.warehouse.fleet import DEPOTS, PARTITIONS, SHIFT_H, TIME_ZONE, Query, Scale, Span

DUPLICATES, FLAGGED = 0.005, 0.003
"""Shares of the fixes that land twice, and that carry a verdict without being left out."""

AT = "begins + to_seconds(cast(stop_s(v, stop, day) as integer))"
MOVING = """'bench' as source, "partition", vehicle_name(v) as vehicle_id"""


def reference_queries(scale: Scale) -> tuple[Query, ...]:
    """Depots, vehicles and rates, known before the first day."""
    known = f"timestamptz '{scale.first - timedelta(days=1)} 00:00:00+00'"
    common = f"'bench' as source, {known} as effective_at, {known} as appended_at"
    return (
        Query(
            "reference.depots",
            f"""select {common}, new_id('depot', d, '', '') as event_id, 0 as "partition",
            'depot-' || d as depot_id, 'depot ' || d as name, '{TIME_ZONE}' as time_zone, 3 as cutover_hour,
            51.0 + d * 0.8 as lat_deg, 9.0 + d * 1.1 as lon_deg from range({DEPOTS}) as t(d)""",
        ),
        Query(
            "reference.vehicles",
            f"""select {common}, new_id('vehicle', v, '', '') as event_id, "partition",
            vehicle_name(v) as vehicle_id, depot_of(v) as depot_id,
            if(v % 3 = 0, 'van_class_iii_battery', 'van_class_iii_diesel') as vehicle_class,
            if(v % 3 = 0, 'electric', 'diesel') as energy, 'own_fleet' as carrier_model,
            120 as capacity_packages from vehicles""",
        ),
        Query(
            "reference.rates",
            f"""select {common}, new_id('rate', d, class, '') as event_id, 0 as "partition",
            'rate-' || d || class as rate_id, 'depot-' || d as depot_id, class as vehicle_class,
            'EUR' as currency, 24.0 as driver_per_h, 0.11 as per_km, 31.0 as per_vehicle_day,
            12.0 as overhead_per_route, 1.6 as fuel_per_l, 0.3 as energy_per_kwh
            from range({DEPOTS}) as t(d),
                (select unnest(['van_class_iii_battery', 'van_class_iii_diesel']) as class)""",
        ),
    )


def morning_queries() -> tuple[Query, ...]:
    """What is known of a day before its shifts begin: orders, shifts, routes."""
    return (
        Query(
            "delivery.orders",
            f"""select 'bench' as source, new_id('order', v, stop, day) as event_id,
            v % {DEPOTS} as "partition",
            begins - to_seconds(40000 - cast(dice(v, stop, 'o') * 20000 as integer)) as ordered_at,
            ordered_at + interval 2 second as received_at, begins - interval 3 hour as appended_at,
            order_of(v, stop, day) as order_id, depot_of(v) as depot_id, 'placed' as kind,
            date_trunc('hour', begins + to_seconds(cast(stop_s(v, stop, day) as integer))) as promised_from,
            promised_from + interval 2 hour as promised_until, stop_of(v, stop) as stop_id,
            'deliver' as stop_kind, lat_of(v, place_s(v, stop)) as lat_deg,
            lon_of(v, place_s(v, stop)) as lon_deg, 'customer-' || (v * 31 + stop) % 400 as customer_ref,
            [{{'package_id': order_id || '-1', 'weight_kg': 2.0, 'volume_l': 8.0}}] as packages
            from days, vehicles, stops""",
            "ordered_at",
        ),
        Query(
            "reference.shifts",
            f"""select 'bench' as source, new_id('shift', v, day, '') as event_id, "partition",
            begins - interval 4 hour as effective_at, begins - interval 4 hour as appended_at,
            shift_of(v, day) as shift_id, depot_of(v) as depot_id, day as service_date,
            vehicle_name(v) as vehicle_id,
            'driver-' || (v + extract('dayofyear' from day)) % 230 as driver_id,
            begins as starts_at, begins + interval {SHIFT_H} hour as ends_at from days, vehicles""",
        ),
        Query(
            "dispatch.routes",
            f"""select 'bench' as source, new_id('route', v, day, '') as event_id, "partition",
            begins - interval 2 hour as effective_at, begins - interval 2 hour as appended_at,
            shift_of(v, day) as shift_id, depot_of(v) as depot_id, day as service_date,
            vehicle_name(v) as vehicle_id, 1 as revision,
            {{'distance_m': 90000.0, 'ends_at': begins + interval {SHIFT_H} hour, 'visits': visits}} as route
            from (
                select
                    day, begins, v, "partition",
                    list({{
                        'stop': {{
                            'stop_id': stop_of(v, stop),
                            'location': {{
                                'lat_deg': lat_of(v, place_s(v, stop)),
                                'lon_deg': lon_of(v, place_s(v, stop))
                            }}
                        }},
                        'arrive_at': {AT}
                    }} order by stop) as visits
                from days, vehicles, stops
                group by all
            )""",
        ),
    )


def fix_query(scale: Scale, span: Span) -> Query:
    """Positions; some of them land twice."""
    each = scale.fixes_per_hour(is_thinned=span.is_thinned)
    first, end = span.first_hour * each, span.end_hour * each
    return Query(
        "gps.fixes",
        f"""select 'bench' as source, new_id('fix', v, k, day) as event_id, "partition",
        k * {3600 / each} as s, begins + to_microseconds(cast(s * 1e6 as bigint)) as fix_at,
        fix_at + to_microseconds(cast(300000 + dice(v, k, 'r') * 900000 as bigint))
            + to_seconds(copy * 30) as received_at,
        received_at + interval 40 millisecond as appended_at,
        'device-' || v as device_id, k as device_seq, vehicle_name(v) as vehicle_id,
        round(lat_of(v, s), 6) as lat_deg, round(lon_of(v, s), 6) as lon_deg,
        round(dice(v, k // 60, 's') * 14, 2) as speed_mps, 5.0 as accuracy_m, true as ignition_on
        from days, vehicles, range({first}, {end}) as t(k), (select unnest([0, 1]) as copy)
        where copy = 0 or dice(v, k, 'd') < {DUPLICATES}""",
        "fix_at",
    )


def day_queries(span: Span) -> tuple[Query, ...]:
    """What a span of hours brings beside fixes: telemetry, scans, visits, estimates, delays, ticks."""
    due = (
        f"stop_s(v, stop, day) >= {span.first_hour * 3600} and stop_s(v, stop, day) < {span.end_hour * 3600}"
    )
    return (
        _telemetry(span),
        Query("delivery.scans", _scans(span, due), "scanned_at"),
        Query("delivery.visits", _visits(due), "arrived_at"),
        _etas(span),
        _delays(due),
        Query(
            "clock.ticks",
            f"""select 'bench' as source, new_id('tick', p, h, day) as event_id, p as "partition",
            begins + to_hours(h + 1) as now_at, now_at as appended_at
            from days, range({PARTITIONS}) as t(p), range({span.first_hour}, {span.end_hour}) as u(h)""",
        ),
    )


def _telemetry(span: Span) -> Query:
    each = 6 if span.is_thinned else 60
    return Query(
        "vehicle.telemetry",
        f"""select {MOVING}, new_id('telemetry', v, k, day) as event_id,
        begins + to_seconds(k * {3600 // each}) as measured_at,
        measured_at + interval 1 second as received_at,
        received_at as appended_at, epoch(day) / 10 + k * {3600 // each} * 2.5 as odometer_m,
        if(v % 3 = 0, null, epoch(day) / 1e4 + k * {3600 // each} * 3e-4) as fuel_used_l,
        if(v % 3 = 0, epoch(day) / 1e4 + k * {3600 // each} * 8e-4, null) as energy_used_kwh,
        epoch(day) / 1e3 + k * {3600 // each} * 0.1 as idle_s,
        [{{'kind': 'braking', 'happened_at': measured_at, 'peak_mps2': 4.2}}][
            :if(dice(v, k, 'h') < 0.01, 1, 0)
        ] as harsh_events
        from days, vehicles, range({span.first_hour * each}, {span.end_hour * each}) as t(k)""",
        "measured_at",
    )


def _scans(span: Span, due: str) -> str:
    told = "shift_of(v, day) as shift_id, depot_of(v) as depot_id"
    loaded = f"""select {MOVING}, {told}, new_id('loaded', v, stop, day) as event_id, 'loaded' as kind,
        begins + to_seconds(60 + stop) as scanned_at, order_of(v, stop, day) as order_id,
        [order_id || '-1'] as package_ids from days, vehicles, stops"""
    departed = f"""select {MOVING}, {told}, new_id('departed', v, day, '') as event_id, 'departed' as kind,
        begins + interval 10 minute as scanned_at from days, vehicles"""
    ended = f"""select {MOVING}, {told}, new_id('ended', v, stop, day) as event_id,
        if(dice(v, stop, day + 1) < 0.05, 'failed', 'delivered') as kind,
        {AT} + interval 90 second as scanned_at,
        order_of(v, stop, day) as order_id, [order_id || '-1'] as package_ids, stop_of(v, stop) as stop_id,
        if(kind = 'failed', 'not_at_home', null) as failure_reason,
        round(lat_of(v, place_s(v, stop)), 6) as lat_deg,
        round(lon_of(v, place_s(v, stop)), 6) as lon_deg
        from days, vehicles, stops where {due}"""
    parts = [ended, loaded, departed] if span.first_hour == 0 else [ended]
    return (
        "select *, scanned_at + interval 1 second as received_at, received_at as appended_at from ("
        + " union all by name ".join(parts)
        + ")"
    )


def _visits(due: str) -> str:
    visit = f"""{MOVING}, depot_of(v) as depot_id, shift_of(v, day) as shift_id, stop_of(v, stop) as stop_id,
        new_id('visit', v, stop, day) as visit_id, {AT} as arrived_at, 'gps' as known_by, false as is_depot"""
    return f"""select {visit}, 'arrived' as phase, new_id('arrived', v, stop, day) as event_id,
        {AT} + interval 5 second as appended_at from days, vehicles, stops where {due}
        union all by name
        select {visit}, 'departed' as phase, new_id('left', v, stop, day) as event_id,
        {AT} + interval 120 second as departed_at, 120.0 as dwell_s, ['delivered'] as scans,
        true as is_confirmed_by_scan, {AT} + interval 125 second as appended_at
        from days, vehicles, stops where {due}"""


def _etas(span: Span) -> Query:
    each = 1 if span.is_thinned else 4
    return Query(
        "delivery.etas",
        f"""select {MOVING}, depot_of(v) as depot_id, shift_of(v, day) as shift_id, 1 as plan_revision,
        new_id('eta', v, k, day) as event_id, begins + to_seconds(k * {3600 // each}) as estimated_at,
        estimated_at as appended_at, 'plan' as basis,
        list({{
            'stop_id': stop_of(v, stop),
            'p50_at': begins + to_seconds(cast(stop_s(v, stop, day) + dice(v, stop, k) * 600 as integer)),
            'p90_at': begins + to_seconds(cast(stop_s(v, stop, day) as integer) + 900)
        }} order by stop) as stops
        from days, vehicles, stops, range({span.first_hour * each}, {span.end_hour * each}) as t(k)
        where stop_s(v, stop, day) >= k * {3600 // each} group by all""",
        "estimated_at",
    )


def _delays(due: str) -> Query:
    return Query(
        "delivery.delays",
        f"""select {MOVING}, depot_of(v) as depot_id, shift_of(v, day) as shift_id,
        stop_of(v, stop) as stop_id, new_id('delay', v, stop, day) as event_id,
        new_id('alert', v, stop, day) as alert_id, 'late' as rule,
        'raised' as phase, {AT} - interval 20 minute as judged_at, judged_at as appended_at, 700.0 as delay_s,
        'running_late' as cause, 'made up' as evidence, {AT} as p50_at, {AT} + interval 5 minute as p90_at,
        {AT} - interval 10 minute as closes_at
        from days, vehicles, stops where {due} and dice(v, stop, 'late') < 0.03""",
    )


def verdict_query() -> Query:
    """Verdicts on the fixes that have just landed, which stand in the table ``fixes``."""
    judged = """'bench' as source, "partition", appended_at + interval 1 second as appended_at,
        'gps.fixes' as judged_topic, "partition" as judged_partition,
        "offset" as judged_offset, 0 as judged_index,
        event_id as judged_event_id"""
    return Query(
        "stream.verdicts",
        f"""select {judged}, new_id('verdict', event_id, "offset", '') as event_id,
        if(is_copy, 'duplicate', 'flagged') as kind, if(is_copy, 'event_id', 'implausible_speed') as rule
        from (
            select *, row_number() over (partition by event_id order by "offset") > 1 as is_copy from fixes
        )
        where is_copy or dice(event_id, 'flagged', 0) < {FLAGGED}""",
    )


def late_scan_query(last: date) -> Query:
    """A delivery of the first vehicle at its first stop that lands when the day ``last`` is over."""
    return Query(
        "delivery.scans",
        f"""select {MOVING}, shift_of(v, day) as shift_id, depot_of(v) as depot_id,
        new_id('late', v, 0, day) as event_id, 'delivered' as kind, begins + interval 13 hour as scanned_at,
        order_of(v, 0, day) as order_id, [order_id || '-1'] as package_ids, stop_of(v, 0) as stop_id,
        timestamptz '{last} 22:00:00+00' as received_at, received_at as appended_at
        from days, vehicles where v = 0""",
        "scanned_at",
    )
