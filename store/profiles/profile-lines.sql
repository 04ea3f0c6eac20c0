-- $1 registers. A day row that says nothing and no day row are the same.
select concat_ws(' ', register_id, day, encode(quarters, 'hex'), encode(statuses, 'hex')) as line
from load_profile_day
where register_id = any ($1::integer[])
  and statuses <> decode(repeat('00', 96), 'hex')
union all
select concat_ws(' ', register_id, from_at, to_at, energy, cause)
from unallocated
where register_id = any ($1::integer[])
union all
select concat_ws(' ', register_id, from_at, to_at, kind, from_index, to_index, ruling_id, evidence)
from register_decision
where register_id = any ($1::integer[])
order by line
