-- Readings whose unit slipped by a thousand are no readings: found from now on, and in what was judged before.

create index register_decision_unit_slip on register_decision (register_id, to_at)
where evidence ->> 'rule' in ('unit slip', 'unit slip over');

insert into journal (register_ids, days, cause)
select array_agg(register_id), array_agg(day), 'rule_changed'
from (
  select distinct register_id, (to_at at time zone 'UTC')::date as day
  from register_decision
  where evidence ->> 'move' in ('jump', 'collapse')
) as far
group by register_id;
