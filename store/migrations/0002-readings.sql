-- The way of a reading: raw messages, what could not be read, what a commit touched, and the profiles derived.

create extension if not exists timescaledb;

create table layout (
  id integer generated always as identity,
  device_id integer not null,
  register_ids integer[] not null,
  constraint layout_pk primary key (id),
  constraint layout_device_fk foreign key (device_id) references device (id),
  constraint layout_unique unique (device_id, register_ids),
  constraint layout_not_empty check (cardinality(register_ids) > 0)
);
comment on table layout is 'The registers, ascending, whose values a reading row carries in that order. Bounded per device.';

create table reading (
  device_id integer not null,
  layout_id integer not null,
  observed_at timestamptz not null,
  received_at timestamptz not null,
  clock smallint not null,
  flags smallint not null,
  fingerprint bigint not null,
  "values" bytea not null
);
comment on table reading is
  'A message is a row: the values of one device that share an instant. values: one packed decimal per register of the layout. clock: rank of the source of observed_at, 0 best. fingerprint: hash of values; with device, instant and layout it tells a redelivery from a correction.';
select create_hypertable('reading', by_range('observed_at', interval '7 days'), create_default_indexes => false);
create unique index reading_identity on reading (device_id, observed_at, layout_id, fingerprint);

create table quarantine (
  id bigint generated always as identity,
  device_id integer,
  received_at timestamptz not null,
  client_id bytea not null,
  topic bytea not null,
  payload bytea not null,
  retained boolean not null,
  profile text,
  reason text not null,
  detail text not null,
  replayed_at timestamptz,
  constraint quarantine_pk primary key (id),
  constraint quarantine_device_fk foreign key (device_id) references device (id)
);
comment on table quarantine is
  'What could not be decoded or judged, byte for byte, with the reason as a code and a sentence for people.';
create index quarantine_by_device on quarantine (device_id, received_at desc);

create table journal (
  id bigint generated always as identity,
  not_before timestamptz not null default now(),
  late boolean not null default true,
  register_ids integer[] not null,
  days date[] not null,
  constraint journal_pk primary key (id),
  constraint journal_pairs check (cardinality(register_ids) = cardinality(days))
);
comment on table journal is
  'One row per commit: the pairs of register and UTC day whose profile is stale. late: by readings older than a quarter-hour, so that quarters already shown are wrong; the head of a live day may wait. Claimed with skip locked, and deleted by the transaction that saves the profiles.';
create index journal_due on journal (not_before);

create table load_profile_day (
  register_id integer not null,
  day date not null,
  quarters bytea not null,
  statuses bytea not null,
  computed_at timestamptz not null,
  revision integer not null default 1,
  constraint load_profile_day_pk primary key (register_id, day),
  constraint load_profile_day_register_fk foreign key (register_id) references register (id),
  constraint load_profile_day_quarters_size check (octet_length(quarters) = 4 * 96),
  constraint load_profile_day_statuses_size check (octet_length(statuses) = 96)
);
comment on table load_profile_day is
  'A UTC day of a register is a row. quarters: 96 little-endian int4, Wh (gas and water: l); statuses: a byte each, 0 missing, 1 profiled, 2 substituted, 3 interpolated, 4 measured, 5 validated. revision grows when a byte changes.';

create table unallocated (
  register_id integer not null,
  from_at timestamptz not null,
  to_at timestamptz not null,
  energy bigint not null,
  cause text not null,
  constraint unallocated_pk primary key (register_id, from_at),
  constraint unallocated_register_fk foreign key (register_id) references register (id),
  constraint unallocated_forward check (to_at > from_at),
  constraint unallocated_cause_known check (cause in ('gap', 'partial', 'index_drop', 'implausible'))
);
comment on table unallocated is
  'Energy that was metered but belongs to no quarter-hour: Wh (gas and water: l) between two instants, and why.';

create function load_profile_quarters(register integer, from_day date, to_day date)
returns table (from_at timestamptz, energy integer, status smallint)
language sql stable as $$
  select
    (p.day::timestamp at time zone 'UTC') + make_interval(mins => 15 * slot),
    get_byte(p.quarters, 4 * slot)
      | (get_byte(p.quarters, 4 * slot + 1) << 8)
      | (get_byte(p.quarters, 4 * slot + 2) << 16)
      | (get_byte(p.quarters, 4 * slot + 3) << 24),
    get_byte(p.statuses, slot)::smallint
  from load_profile_day p, generate_series(0, 95) slot
  where p.register_id = register
    and p.day >= from_day
    and p.day < to_day
  order by 1
$$;
comment on function load_profile_quarters is 'Unpacks load_profile_day for people: one row per quarter-hour.';
