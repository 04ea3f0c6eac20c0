-- Who sees what. $1: the viewer as JSON. Every query of this folder begins with these tables and reads nothing but what is
-- seen. "Known": that it exists. "measured": also what flows through it.
with viewer as not materialized (
  select *
  from jsonb_to_record($1::jsonb)
    as v (role text, account_id integer, organisation_id integer, unit_id integer, at timestamptz)
),
seen_building as not materialized (
  select b.id
  from building b
  cross join viewer v
  where v.role = 'admin'
    or (v.role = 'coordinator' and b.organisation_id = v.organisation_id)
    or (
      v.role = 'manager'
      and exists (
        select 1
        from account_building ab
        where ab.account_id = v.account_id
          and ab.building_id = b.id
      )
    )
    or (
      v.role = 'resident'
      and exists (
        select 1
        from unit u
        where u.id = v.unit_id
          and u.building_id = b.id
      )
    )
),
-- A coordinator keeps the register of supply points, but sees the load only of those that consent.
seen_supply_point as not materialized (
  select
    s.id,
    s.building_id,
    v.role <> 'coordinator'
      or exists (
        select 1
        from consent c
        where c.supply_point_id = s.id
          and c.purpose = 'load-profile'
          and c.starts_at <= v.at
          and (c.ends_at is null or c.ends_at > v.at)
          and c.withdrawn_at is null
      ) as measured
  from supply_point s
  join seen_building b on b.id = s.building_id
  cross join viewer v
  where v.role in ('admin', 'coordinator')
    or s.scope = 'common'
    or (v.role = 'resident' and s.unit_id = v.unit_id)
),
-- A device is as private as its most private supply point. One without any is the building's own equipment.
seen_device as not materialized (
  select
    d.id,
    d.building_id,
    v.role <> 'coordinator'
      or (
        exists (select 1 from device_supply_point ds where ds.device_id = d.id)
        and not exists (
          select 1
          from device_supply_point ds
          left join seen_supply_point s on s.id = ds.supply_point_id
          where ds.device_id = d.id
            and s.measured is not true
        )
      ) as measured
  from device d
  join seen_building b on b.id = d.building_id
  cross join viewer v
  where d.removed_at is null
    and (
      v.role in ('admin', 'coordinator')
      or (
        not exists (
          select 1
          from device_supply_point ds
          left join seen_supply_point s on s.id = ds.supply_point_id
          where ds.device_id = d.id
            and s.id is null
        )
        and (
          v.role <> 'resident'
          or exists (select 1 from device_supply_point ds where ds.device_id = d.id)
        )
      )
    )
),
-- A register that was ever assigned to a supply point that the viewer may not see is not shown for any time.
seen_register as not materialized (
  select
    r.id,
    r.device_id,
    d.building_id,
    d.measured
      and not exists (
        select 1
        from register_assignment a
        left join seen_supply_point s on s.id = a.supply_point_id
        where a.register_id = r.id
          and s.measured is not true
      ) as measured
  from register r
  join seen_device d on d.id = r.device_id
  where not exists (
    select 1
    from register_assignment a
    left join seen_supply_point s on s.id = a.supply_point_id
    where a.register_id = r.id
      and s.id is null
  )
),
-- A message in quarantine is as private as what its device measures. What a gateway heard of others is an administrator's
-- until it is claimed: the gateway's own consents say nothing of the dwellings behind it.
seen_quarantine as not materialized (
  select q.*
  from quarantine q
  cross join viewer v
  where v.role = 'admin'
    or (
      q.external_id is null
      and exists (select 1 from seen_device s where s.id = q.device_id and s.measured)
    )
),
seen_account as not materialized (
  select a.id
  from account a
  cross join viewer v
  where v.role = 'admin'
    or a.id = v.account_id
    or (v.role = 'coordinator' and a.role <> 'admin' and a.organisation_id = v.organisation_id)
),
seen_organisation as not materialized (
  select o.id
  from organisation o
  cross join viewer v
  where v.role = 'admin'
    or o.id = v.organisation_id
),
-- A draft is its organisation's own business, also when it was cancelled as one: its log then has that entry only.
seen_tender as not materialized (
  select
    t.id,
    v.role = 'admin' or (v.role = 'coordinator' and t.organisation_id = v.organisation_id) as runs
  from tender t
  cross join viewer v
  where v.role = 'admin'
    or (v.role = 'coordinator' and t.organisation_id = v.organisation_id)
    or (v.role = 'supplier' and t.published_at is not null)
    or (
      v.role in ('manager', 'resident')
      and t.state <> 'draft'
      and not (
        t.state = 'cancelled'
        and not exists (select 1 from tender_event e where e.tender_id = t.id and e.sequence > 1)
      )
      and exists (
        select 1
        from seen_building s
        join building b on b.id = s.id
        where b.organisation_id = t.organisation_id
      )
    )
),
-- Nobody reads another's bid before the opening, and no supplier does ever.
seen_bid as not materialized (
  select b.id
  from tender_bid b
  join tender t on t.id = b.tender_id
  join seen_tender seen on seen.id = t.id
  cross join viewer v
  where (v.role = 'supplier' and b.supplier_id = v.organisation_id)
    or (
      t.opened_at is not null
      and (
        seen.runs
        or (
          v.role in ('manager', 'resident')
          and exists (
            select 1
            from tender_participant p
            join seen_building s on s.id = p.building_id
            where p.tender_id = t.id
              and p.left_at is null
          )
        )
      )
    )
),
-- Entries tell who bid and when. Until the opening, only who runs the tender reads beyond the first of them.
seen_tender_event as not materialized (
  select e.tender_id, e.sequence
  from tender_event e
  join tender t on t.id = e.tender_id
  join seen_tender seen on seen.id = t.id
  where seen.runs
    or t.opened_at is not null
    or not exists (
      select 1
      from tender_event bid
      where bid.tender_id = e.tender_id
        and bid.sequence <= e.sequence
        and bid.text::json ->> 'event' = 'bid'
    )
)
