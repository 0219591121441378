with

-- A device's clock or its gateway's may be ahead: nothing is known before Kafka has it.
received as (
    select max(received_at) as received_at, max(appended_at) as appended_at from {{ ref('stg_gps_fixes') }}
    union all
    select max(received_at), max(appended_at) from {{ ref('stg_telemetry') }}
    union all
    select max(received_at), max(appended_at) from {{ ref('stg_scans') }}
    union all
    select max(received_at), max(appended_at) from {{ ref('stg_orders') }}
),

instants as (
    select least(max(received_at), max(appended_at)) as known_at from received
    union all
    select max(now_at) from {{ ref('stg_ticks') }}
),

latest as (
    select max(known_at) as as_of from instants
)

select * from latest
