-- Registers are assigned by the hundred, as meters come: what is stale by that is looked for once, not once for each.

drop trigger register_assignment_rule_changed on register_assignment;

create function restale_by_assignments() returns trigger
language plpgsql as $$
begin
  perform restale_registers(array(select distinct register_id from assigned));
  return null;
end
$$;

create trigger register_assignment_added
after insert on register_assignment
referencing new table as assigned
for each statement execute function restale_by_assignments();

create trigger register_assignment_rule_changed
after delete or update of register_id, supply_point_id on register_assignment
for each row execute function restale_by_assignment();
