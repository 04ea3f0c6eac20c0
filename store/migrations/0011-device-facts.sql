-- What devices say about their own messages, and how far their clocks are off.

create table device_fact (
  device_id integer not null,
  key text not null,
  value text not null,
  learned_at timestamptz not null default now(),
  constraint device_fact_pk primary key (device_id, key),
  constraint device_fact_device_fk foreign key (device_id) references device (id),
  constraint device_fact_key_size check (length(key) between 1 and 256),
  constraint device_fact_value_size check (length(value) between 1 and 16384)
);
comment on table device_fact is
  'Births, descriptions and discoveries: what a message says about messages to come, without which those cannot be read. Bounded per device; the same key replaces.';

alter table device
  add column clock_skew_ms integer,
  add column clock_skew_at timestamptz;
comment on column device.clock_skew_ms is
  'How far the clock of the device runs ahead of ours (negative: behind), ms: the least offset of its values of the moment in the five minutes before clock_skew_at. Null: it never gave a time of its own.';
