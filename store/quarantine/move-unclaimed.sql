-- $1 gateway, $2 how it calls whoever spoke, $3 the device that is that one from now on. Also what was written for one of the
-- same name while that was being removed. Rows are locked in the order of their numbers, as by whoever settles them.
with said as (
  select id
  from quarantine
  where replayed_at is null
    and id in (
      select q.id
      from quarantine q
      where q.device_id = $1
        and q.external_id = $2
        and q.reason = 'device_unclaimed'
        and q.replayed_at is null
      union all
      select q.id
      from device removed
      join quarantine q on q.device_id = removed.id
      where removed.parent_id = $1
        and removed.external_id = $2
        and removed.removed_at is not null
        and q.replayed_at is null
    )
  order by id
  for update
)
update quarantine q
set device_id = $3, external_id = null
from said
where q.id = said.id
