-- Accepted scans = those in an attempt + those in a package's history + those of a route + the excluded.
with

scans as (
    select count(*) as scans from {{ ref('stg_scans') }} where outcome = 'accepted'
),

accounted as (
    select coalesce(sum(scans), 0) as scans from {{ ref('scan_accounting') }} where outcome = 'accepted'
)

select scans.scans, accounted.scans as accounted
from scans
cross join accounted
where scans.scans <> accounted.scans
