-- The estimated layer over the measured one, and what changed of a number that was shown.

create table estimated_day (
  register_id integer not null,
  day date not null,
  quarters bytea not null,
  statuses bytea not null,
  computed_at timestamptz not null default now(),
  revision integer not null default 1,
  constraint estimated_day_pk primary key (register_id, day),
  constraint estimated_day_register_fk foreign key (register_id) references register (id),
  constraint estimated_day_quarters_size check (octet_length(quarters) = 4 * 96),
  constraint estimated_day_statuses_size check (octet_length(statuses) = 96)
);
comment on table estimated_day is
  'What a register probably counted where load_profile_day has nothing: a UTC day a row, packed as there (Wh, gas and water l); statuses 0 missing (nothing estimated), 2 substituted, 3 interpolated. Laid under the measured values when a load is read. A row is emptied, never deleted: revision only grows.';

create table estimate_due (
  register_id integer not null,
  day date not null,
  not_before timestamptz not null default now(),
  constraint estimate_due_pk primary key (register_id, day),
  constraint estimate_due_register_fk foreign key (register_id) references register (id)
);
comment on table estimate_due is
  'Days that are over and whose gaps are to be estimated, anew or for the first time. Noted by the transaction that saves the profile, taken with skip locked by the one that saves the estimate.';
create index estimate_due_by_time on estimate_due (not_before);

create table load_change (
  id bigint generated always as identity,
  layer text not null,
  register_id integer,
  supply_point_id integer,
  direction text,
  day date not null,
  changed_at timestamptz not null default now(),
  cause text not null,
  import_id integer,
  before_quarters bytea not null,
  before_statuses bytea not null,
  after_quarters bytea not null,
  after_statuses bytea not null,
  constraint load_change_pk primary key (id),
  constraint load_change_register_fk foreign key (register_id) references register (id),
  constraint load_change_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint load_change_import_fk foreign key (import_id) references import (id),
  constraint load_change_layer_known check (layer in ('measured', 'estimated', 'imported')),
  constraint load_change_cause_known check (cause in ('readings', 'rule_changed', 'ruling', 'estimate', 'import')),
  constraint load_change_subject check ((layer = 'imported') = (register_id is null) and (register_id is null) = (supply_point_id is not null))
);
comment on table load_change is
  'Why a number changed: a UTC day before and after, packed as in load_profile_day, whenever a quarter-hour that had a value got another one, or lost it. Quarter-hours that only gain a value leave no row.';
create index load_change_by_register on load_change (register_id, day) where register_id is not null;
create index load_change_by_supply_point on load_change (supply_point_id, day) where supply_point_id is not null;
