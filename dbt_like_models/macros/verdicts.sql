{% macro outcome(verdicts) %}case
            when {{ verdicts }}.is_duplicate then 'duplicate'
            when {{ verdicts }}.is_repeat then 'repeat'
            when {{ verdicts }}.is_not_judged then 'not_judged'
            else 'accepted'
        end{% endmacro %}
