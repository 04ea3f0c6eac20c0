-- A profile depends on more than its readings: a rule that changes makes every day of it stale, whoever changed the rule.
-- Triggers, so that no way of editing can forget it; without them a profile would differ from its own recomputation.

create function restale_registers(register_ids integer[]) returns void
language sql as $$
  insert into journal (register_ids, days)
  select array_agg(register_id), array_agg(day)
  from load_profile_day
  where register_id = any (register_ids)
  group by register_id
$$;
comment on function restale_registers is 'Puts every day of these registers'' profiles into the journal.';

create function restale_by_register() returns trigger
language plpgsql as $$
begin
  perform restale_registers(array[new.id]);
  return null;
end
$$;
create trigger register_rule_changed
after update of unit, carrier, quantity, interpolate_max_s, max_per_hour on register
for each row
when (
  (old.unit, old.carrier, old.quantity, old.interpolate_max_s, old.max_per_hour)
  is distinct from (new.unit, new.carrier, new.quantity, new.interpolate_max_s, new.max_per_hour)
)
execute function restale_by_register();

create function restale_by_supply_point() returns trigger
language plpgsql as $$
begin
  perform restale_registers(array(select register_id from register_assignment where supply_point_id = new.id));
  return null;
end
$$;
create trigger supply_point_rule_changed
after update of connection_kva on supply_point
for each row
when (old.connection_kva is distinct from new.connection_kva)
execute function restale_by_supply_point();

-- The bound follows the largest connection that a register was ever assigned to.
create function restale_by_assignment() returns trigger
language plpgsql as $$
begin
  perform restale_registers(array[coalesce(new.register_id, old.register_id)]);
  return null;
end
$$;
create trigger register_assignment_rule_changed
after insert or delete or update of register_id, supply_point_id on register_assignment
for each row execute function restale_by_assignment();
