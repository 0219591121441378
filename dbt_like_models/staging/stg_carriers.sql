with

records as (
    select * from {{ source('lake', 'reference_carriers') }}
),

last_words as (
    select carrier_id, name, carrier_model
    from records
    qualify row_number() over (
        partition by carrier_id
        order by effective_at desc, appended_at desc, "partition" desc, "offset" desc, "index" desc
    ) = 1
)

select * from last_words
