-- The new register's assignment as it was before swap $1. One that began with the register's first value does so again: one may have come
-- meanwhile that is earlier than all before (save-days.sql). In the quarter-hour of the swap what stands still by its ruling is no value.
update register_assignment a
set
  starts_at = case
    when s.new_started_with_values then least(s.new_started_at, first.at)
    else s.new_started_at
  end,
  starts_with_values = s.new_started_with_values,
  opening_index = null
from meter_swap s
left join lateral (
  select v.at
  from load_profile_day d
  cross join generate_series(0, length(d.statuses) - 1) as slot
  cross join lateral (select d.day::timestamp at time zone 'UTC' + slot * interval '15 minutes' as at) v
  where d.register_id = s.new_register_id
    and d.day > now() - interval '400 days'
    and get_byte(d.statuses, slot) <> 0
    and v.at < date_bin('15 minutes', s.swapped_at, 'epoch')
  order by v.at
  limit 1
) first on true
where s.id = $1
  and a.id = s.new_assignment_id
  and s.new_started_at is not null
