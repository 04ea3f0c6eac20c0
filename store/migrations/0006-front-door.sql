-- The front door: what brokers must hear of at once, what devices are told, and what waits in quarantine for how long.

alter table device
  add column certificates_from timestamptz;
comment on column device.certificates_from is
  'Client certificates issued before this instant are refused; null: none is.';

-- A device that was removed from behind its gateway can be claimed there anew.
alter table device
  drop constraint device_external_id_unique;
create unique index device_external_id_unique on device (parent_id, external_id) where removed_at is null;

create table broker (
  id text not null,
  started_at timestamptz not null default now(),
  heard_at timestamptz not null default now(),
  constraint broker_pk primary key (id)
);
comment on table broker is
  'The brokers that run, each with the time (of this database) when it last said so. One that falls silent is forgotten: its devices are gone, its commands are tried by another.';

alter table device
  add column connected_by text;
comment on column device.connected_by is
  'The broker at which the device connected last and still is; null: it is not connected. No foreign key: a broker that was taken for dead writes on.';
create index device_connected_by on device (connected_by) where connected_by is not null;

create table device_change (
  id bigint generated always as identity,
  device_id integer not null,
  kind text not null,
  transaction xid8 not null default pg_current_xact_id(),
  changed_at timestamptz not null default clock_timestamp(),
  constraint device_change_pk primary key (id),
  constraint device_change_device_fk foreign key (device_id) references device (id),
  constraint device_change_kind_known check (kind in ('access', 'command', 'claim'))
);
comment on table device_change is
  'What every broker must hear of: who may connect changed, a command waits, a device behind a gateway was claimed (the row names the gateway). A reader goes on at the oldest transaction that was running when it last looked, so that no late commit is missed.';
create index device_change_by_transaction on device_change (transaction);
create index device_change_by_age on device_change (changed_at);

create function note_device_access() returns trigger
language plpgsql as $$
begin
  if tg_table_name = 'device' then
    insert into device_change (device_id, kind)
    values (coalesce(new.parent_id, new.id), case when new.parent_id is null then 'access' else 'claim' end);
  else
    insert into device_change (device_id, kind) values (new.device_id, 'access');
  end if;
  return null;
end
$$;
comment on function note_device_access is 'A trigger, so that no way of editing can forget to tell the brokers.';
create trigger device_access_changed
after update of building_id, profile, expected_interval_s, parent_id, external_id, removed_at, certificates_from on device
for each row
when (
  (old.building_id, old.profile, old.expected_interval_s, old.parent_id, old.external_id, old.removed_at, old.certificates_from)
  is distinct from
  (new.building_id, new.profile, new.expected_interval_s, new.parent_id, new.external_id, new.removed_at, new.certificates_from)
)
execute function note_device_access();
create trigger device_claimed
after insert on device
for each row
when (new.parent_id is not null)
execute function note_device_access();
create trigger device_credential_changed
after insert or update on device_credential
for each row execute function note_device_access();

create table device_command (
  id bigint generated always as identity,
  device_id integer not null,
  topic text not null,
  payload bytea not null,
  state text not null default 'pending',
  created_by integer,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  attempts integer not null default 0,
  sent_at timestamptz,
  sent_by text,
  settled_at timestamptz,
  constraint device_command_pk primary key (id),
  constraint device_command_device_fk foreign key (device_id) references device (id),
  constraint device_command_created_by_fk foreign key (created_by) references account (id),
  constraint device_command_state_known check (state in ('pending', 'sent', 'delivered', 'expired', 'cancelled')),
  constraint device_command_expiry_forward check (expires_at > created_at),
  constraint device_command_topic_size check (octet_length(topic) between 1 and 1024),
  constraint device_command_payload_size check (octet_length(payload) <= 65536),
  constraint device_command_settled_complete check ((settled_at is null) = (state in ('pending', 'sent')))
);
comment on table device_command is
  'A message for a device, kept until it acknowledged it (QoS 1, at least once), or until it expired. topic: the device''s own, without its mount. sent_by: the broker that tries.';
create index device_command_waiting on device_command (device_id, id) where state in ('pending', 'sent');
create index device_command_by_device on device_command (device_id, id desc);

create function note_device_command() returns trigger
language plpgsql as $$
begin
  insert into device_change (device_id, kind) values (new.device_id, 'command');
  return null;
end
$$;
create trigger device_command_added
after insert on device_command
for each row execute function note_device_command();

alter table quarantine
  add column external_id text,
  add column trace_id text,
  add column replay_requested_at timestamptz,
  add column attempts integer not null default 0;
comment on column quarantine.external_id is 'How the gateway that is device_id calls the device that spoke; null: itself.';
comment on column quarantine.trace_id is 'Under which the log of the broker names this message.';
comment on column quarantine.replay_requested_at is 'Somebody asked to read it again; null once that was tried.';
comment on column quarantine.attempts is 'How often it was read again.';
create index quarantine_unclaimed on quarantine (device_id, external_id, id desc)
  where reason = 'device_unclaimed' and replayed_at is null;
create index quarantine_replay_due on quarantine (replay_requested_at) where replay_requested_at is not null;
create index quarantine_by_age on quarantine (received_at);

create table policy_deletion (
  policy text not null,
  device_id integer not null,
  day date not null,
  row_count bigint not null,
  byte_count bigint not null,
  constraint policy_deletion_pk primary key (policy, device_id, day),
  constraint policy_deletion_policy_known check (policy in ('quarantine_expiry', 'quarantine_quota'))
);
comment on table policy_deletion is
  'Everything that was deleted, by the declared policy that deleted it: rows and payload bytes by device (0: none named) and UTC day of deletion.';
