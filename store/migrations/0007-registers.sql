-- Registers whose numbers can be trusted: what the rules decided about each odd step, what people decided instead, meter swaps.

create table register_ruling (
  id integer generated always as identity,
  register_id integer not null,
  kind text not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  closing_index numeric,
  opening_index numeric,
  reason text not null,
  ruled_by integer not null,
  ruled_at timestamptz not null,
  withdrawn_by integer,
  withdrawn_at timestamptz,
  constraint register_ruling_pk primary key (id),
  constraint register_ruling_register_fk foreign key (register_id) references register (id),
  constraint register_ruling_ruled_by_fk foreign key (ruled_by) references account (id),
  constraint register_ruling_withdrawn_by_fk foreign key (withdrawn_by) references account (id),
  constraint register_ruling_kind_known check (kind in ('ok', 'glitch', 'reset', 'rollover', 'swap', 'spike')),
  constraint register_ruling_forward check (to_at >= from_at),
  constraint register_ruling_indices_not_negative check (closing_index >= 0 and opening_index >= 0),
  constraint register_ruling_reason_given check (length(reason) between 1 and 1000),
  constraint register_ruling_withdrawal_complete check ((withdrawn_at is null) = (withdrawn_by is null))
);
comment on table register_ruling is
  'What a person says of the steps of an index within [from_at, to_at], or of one reading where the two are equal, against what the rules say. closing_index, opening_index: where the index ended and began anew, in the register''s unit; one alone: the register ends, or begins, at that instant. Rows are only added or withdrawn.';
create index register_ruling_in_force on register_ruling (register_id) where withdrawn_at is null;

create table register_decision (
  register_id integer not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  kind text not null,
  from_index numeric not null,
  to_index numeric not null,
  ruling_id integer,
  evidence jsonb not null,
  decided_at timestamptz not null default now(),
  constraint register_decision_pk primary key (register_id, from_at, to_at),
  constraint register_decision_register_fk foreign key (register_id) references register (id),
  constraint register_decision_ruling_fk foreign key (ruling_id) references register_ruling (id),
  constraint register_decision_forward check (to_at >= from_at),
  constraint register_decision_kind_known check (kind in ('ok', 'glitch', 'reset', 'rollover', 'swap', 'spike'))
);
comment on table register_decision is
  'What was decided about a step of an index that is not plain consumption, from one reading to the next, or about one reading that is none (from_at = to_at). Indices in the register''s unit. evidence: the rule and the figures that it rests on. ruling_id: the person''s word that decided; null: the rules did. Derived, and replaced when it is computed anew.';

create table meter_swap (
  id integer generated always as identity,
  supply_point_id integer not null,
  old_register_id integer not null,
  new_register_id integer not null,
  swapped_at timestamptz not null,
  closing_index numeric not null,
  opening_index numeric not null,
  closing_ruling_id integer not null,
  opening_ruling_id integer not null,
  old_assignment_id integer,
  new_assignment_id integer,
  old_ended_at timestamptz,
  new_started_at timestamptz,
  recorded_by integer not null,
  recorded_at timestamptz not null,
  constraint meter_swap_pk primary key (id),
  constraint meter_swap_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint meter_swap_old_register_fk foreign key (old_register_id) references register (id),
  constraint meter_swap_new_register_fk foreign key (new_register_id) references register (id),
  constraint meter_swap_closing_ruling_fk foreign key (closing_ruling_id) references register_ruling (id),
  constraint meter_swap_opening_ruling_fk foreign key (opening_ruling_id) references register_ruling (id),
  constraint meter_swap_old_assignment_fk foreign key (old_assignment_id) references register_assignment (id) on delete set null,
  constraint meter_swap_new_assignment_fk foreign key (new_assignment_id) references register_assignment (id) on delete set null,
  constraint meter_swap_recorded_by_fk foreign key (recorded_by) references account (id),
  constraint meter_swap_indices_not_negative check (closing_index >= 0 and opening_index >= 0)
);
comment on table meter_swap is
  'A meter replaced by another at an instant, each index in its register''s unit. Both registers are one where the meter''s device tells no serial; then both rulings are one too. In force as long as its rulings are. old_ended_at, new_started_at: the assignments'' bounds before, to be put back when it is taken back; null: the new assignment was made by the swap.';
create index meter_swap_by_supply_point on meter_swap (supply_point_id, swapped_at);
create index meter_swap_by_new_assignment on meter_swap (new_assignment_id);
create index meter_swap_by_old_assignment on meter_swap (old_assignment_id);

create table dismissed_swap (
  old_register_id integer not null,
  new_register_id integer not null,
  dismissed_by integer not null,
  dismissed_at timestamptz not null,
  constraint dismissed_swap_pk primary key (old_register_id, new_register_id),
  constraint dismissed_swap_old_register_fk foreign key (old_register_id) references register (id),
  constraint dismissed_swap_new_register_fk foreign key (new_register_id) references register (id),
  constraint dismissed_swap_by_fk foreign key (dismissed_by) references account (id)
);
comment on table dismissed_swap is 'Pairs of registers that look like a swap and are none, as a person said.';

alter table journal
  add column cause text not null default 'readings',
  add constraint journal_cause_known check (cause in ('readings', 'rule_changed', 'ruling'));
comment on column journal.cause is
  'Why: readings came, a rule changed by which they are judged (a bound, an assignment), or a person ruled.';

create or replace function restale_registers(register_ids integer[]) returns void
language sql as $$
  insert into journal (register_ids, days, cause)
  select array_agg(register_id), array_agg(day), 'rule_changed'
  from load_profile_day
  where register_id = any (register_ids)
  group by register_id
$$;

-- A ruling changes the days within it, and those that look that far for witnesses: two bridges, and the day of a quarter-hour's end.
create function restale_by_ruling() returns trigger
language plpgsql as $$
begin
  insert into journal (register_ids, days, cause)
  select array_agg(touched.register_id), array_agg(touched.day), 'ruling'
  from (
    select new.register_id, edge.day::date as day
    from register r
    cross join lateral (
      select generate_series(
        ((at - make_interval(secs => 2 * r.interpolate_max_s)) at time zone 'UTC')::date - 1,
        ((at + make_interval(secs => 2 * r.interpolate_max_s)) at time zone 'UTC')::date + 1,
        interval '1 day'
      ) as day
      from (values (new.from_at), (new.to_at)) as edges (at)
    ) edge
    where r.id = new.register_id
    union
    select p.register_id, p.day
    from load_profile_day p
    where p.register_id = new.register_id
      and p.day between (new.from_at at time zone 'UTC')::date and (new.to_at at time zone 'UTC')::date
  ) touched
  having count(*) > 0;
  return null;
end
$$;
create trigger register_ruling_changed
after insert or update of withdrawn_at on register_ruling
for each row execute function restale_by_ruling();

-- The causes of unallocated energy are the states of the register machine. A step may have two pieces: what it metered, and the
-- turn of the counter that the index does not show.
alter table unallocated
  drop constraint unallocated_cause_known,
  drop constraint unallocated_pk;
update unallocated set cause = 'reset' where cause = 'index_drop';
update unallocated set cause = 'spike' where cause = 'implausible';
alter table unallocated
  add constraint unallocated_pk primary key (register_id, from_at, cause),
  add constraint unallocated_cause_known check (
    cause in ('gap', 'partial', 'glitch', 'reset', 'rollover', 'swap', 'spike', 'index_drop', 'implausible')
  );
comment on table unallocated is
  'Energy that was metered but belongs to no quarter-hour: Wh (gas and water: l) between two instants, and why. A rollover or swap whose energy is known has a row of what the index fell by on top, so that all rows and quarter-hours add up to the difference of the index.';

insert into journal (register_ids, days)
select array_agg(register_id), array_agg(day)
from (
  select distinct register_id, (from_at at time zone 'UTC')::date as day
  from unallocated
  where cause in ('reset', 'spike')
) named
having count(*) > 0;
