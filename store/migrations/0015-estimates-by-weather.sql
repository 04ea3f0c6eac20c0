-- Estimates say how they were made and how far around them they look; changes say which revision of the day they made; a register
-- of temperature may be the one that hangs outside.

alter table estimated_day
  add column methods bytea not null default decode(repeat('00', 96), 'hex'),
  add column reach_days smallint not null default 100,
  add constraint estimated_day_methods_size check (octet_length(methods) = 96),
  add constraint estimated_day_reach_not_negative check (reach_days >= 0);
comment on column estimated_day.methods is
  'How each estimate was made, a byte each: 0 none, 1 line, 2 line_to_energy, 3 like_day, 4 like_day_temperature, 5 shape, 6 shape_temperature, 7 even.';
comment on column estimated_day.reach_days is
  'A change of a day that is so many days away, or fewer, can change these estimates, also where none could be made: then it is to be estimated anew.';
alter table estimated_day alter column reach_days drop default;

insert into estimate_due (register_id, day)
select register_id, day
from estimated_day
on conflict (register_id, day) do nothing;

alter table load_change add column revision integer;
comment on column load_change.revision is
  'Of the day as it was shown after the change, counted from its first value: of a register the revisions of both its layers together. Null: recorded before they were kept.';

alter table register_assignment
  drop constraint register_assignment_role_known,
  add constraint register_assignment_role_known check (role in ('main', 'sub', 'production', 'outside'));
comment on table register_assignment is
  'Which supply point a register measures, and when. Only main registers add up to a supply point''s load; outside: the temperature outside the building, by which gaps of gas and heat are estimated. Indices in the register''s unit.';
