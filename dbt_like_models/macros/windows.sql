{% macro window_width(opens_at, closes_at) %}case
            when {{ closes_at }} - {{ opens_at }} <= interval 1 hour then 'up to 1 h'
            when {{ closes_at }} - {{ opens_at }} <= interval 2 hours then 'up to 2 h'
            when {{ closes_at }} - {{ opens_at }} <= interval 4 hours then 'up to 4 h'
            when {{ closes_at }} > {{ opens_at }} then 'over 4 h'
            else 'none'
        end{% endmacro %}
