-- $1 a UTC day that is over, and may be a like day from now on: estimates that look so far are due again. So are those of gas and heat
-- where a temperature is measured outside, since what is known of the weather may have come late.
insert into estimate_due (register_id, day, not_before)
select e.register_id, e.day, now()
from estimated_day e
join register r on r.id = e.register_id
where e.day between $1::date - 151 and $1::date
  and e.reach_days > 0
  and (
    (
      e.day >= $1::date - e.reach_days - 1
      and exists (
        select 1
        from load_profile_day p
        where p.register_id = e.register_id
          and p.day = $1::date
      )
    )
    or (
      r.carrier in ('gas', 'heat')
      and exists (
        select 1
        from device d
        join supply_point s on s.building_id = d.building_id
        join register_assignment a on a.supply_point_id = s.id and a.role = 'outside'
        where d.id = r.device_id
      )
    )
  )
on conflict (register_id, day) do nothing
