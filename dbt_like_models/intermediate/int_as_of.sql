with

instants as (
    select max(received_at) as known_at from {{ ref('stg_gps_fixes') }}
    union all
    select max(received_at) from {{ ref('stg_telemetry') }}
    union all
    select max(received_at) from {{ ref('stg_scans') }}
    union all
    select max(received_at) from {{ ref('stg_orders') }}
    union all
    select max(now_at) from {{ ref('stg_ticks') }}
),

latest as (
    select max(known_at) as as_of from instants
)

select * from latest
