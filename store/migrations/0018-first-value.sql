-- A meter that came in another's place counts from its first value on: before it, the one that went has measured alone.

alter table register_assignment
  add column starts_with_values boolean not null default false;
comment on column register_assignment.starts_with_values is
  'Nobody said when it begins: starts_at is the first quarter-hour for which the register has a value, and moves back when an earlier one comes.';
create index register_assignment_with_values on register_assignment (register_id) where starts_with_values;

-- Of what is there already: a register that came after another meter's under its name, and nobody has said since when.
update register_assignment a
set
  starts_with_values = true,
  starts_at = coalesce(
    (
      select d.day::timestamp at time zone 'UTC'
      from load_profile_day d
      where d.register_id = a.register_id
      order by d.day
      limit 1
    ),
    now()
  )
from register r
where r.id = a.register_id
  and a.starts_at = '-infinity'
  and a.ends_at = 'infinity'
  and exists (
    select 1
    from register e
    where e.device_id = r.device_id
      and e.id < r.id
      and e.name = r.name
      and e.equipment_id <> r.equipment_id
      and e.quantity = r.quantity
      and e.kind = r.kind
      and e.carrier is not distinct from r.carrier
      and e.direction is not distinct from r.direction
      and e.tariff is not distinct from r.tariff
  );
