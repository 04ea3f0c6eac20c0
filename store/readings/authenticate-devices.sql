-- $1 devices; beside each, $2 the SHA-256 of its secret (null: it showed a certificate) or $3 since when its certificate
-- is valid (null: it has a secret); $4 now. A row for each that may connect, with its place from 1.
select
  asked.place::integer as place,
  d.id,
  d.building_id as "buildingId",
  d.profile,
  d.expected_interval_s as "expectedIntervalS",
  b.timezone,
  d.parent_id as "parentId"
from unnest($1::integer[], $2::bytea[], $3::timestamptz[]) with ordinality asked (device_id, secret_hash, valid_from, place)
join device d on d.id = asked.device_id
join building b on b.id = d.building_id
where d.removed_at is null
  and case
    when asked.secret_hash is null then
      d.parent_id is null
      and (d.certificates_from is null or d.certificates_from <= asked.valid_from)
    else
      exists (
        select 1
        from device_credential c
        where c.device_id = d.id
          and c.secret_hash = asked.secret_hash
          and c.revoked_at is null
          and (c.expires_at is null or c.expires_at > $4)
      )
  end
