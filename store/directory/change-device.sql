-- $1 device, $2 name and $3 profile or null, $4 whether the interval changes, $5 expected seconds or null.
update device d
set
  name = coalesce($2, d.name),
  profile = coalesce($3, d.profile),
  expected_interval_s = case when $4::boolean then $5::integer else d.expected_interval_s end
where d.id = $1
  and (
    coalesce($3, d.profile) = d.profile
    or (
      not ($3 = 'gateway' and d.parent_id is not null)
      and not (
        d.profile = 'gateway'
        and exists (
          select 1
          from device c
          where c.parent_id = d.id
            and c.removed_at is null
        )
      )
    )
  )
