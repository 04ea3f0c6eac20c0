-- $1 device, $2 SHA-256 of the secret, $3 now.
select
  d.id,
  d.building_id as "buildingId",
  d.profile,
  d.expected_interval_s as "expectedIntervalS",
  b.timezone,
  d.parent_id as "parentId"
from device d
join building b on b.id = d.building_id
where d.id = $1
  and d.removed_at is null
  and exists (
    select 1
    from device_credential c
    where c.device_id = d.id
      and c.secret_hash = $2
      and c.revoked_at is null
      and (c.expires_at is null or c.expires_at > $3)
  )
