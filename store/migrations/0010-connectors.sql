-- Connectors: subscriptions at brokers of others for devices whose data stay there, and which of our processes holds each.

create table connector (
  device_id integer not null,
  kind text not null,
  url text not null,
  username text not null,
  password_sealed bytea,
  topics text[] not null,
  ca_pem text,
  client_id text not null,
  revision integer not null default 1,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  constraint connector_pk primary key (device_id),
  constraint connector_device_fk foreign key (device_id) references device (id),
  constraint connector_kind_known check (kind in ('the-things-stack', 'chirpstack', 'sinapsi', 'custom')),
  constraint connector_url_size check (octet_length(url) between 1 and 2000),
  constraint connector_username_size check (octet_length(username) <= 1000),
  constraint connector_password_size check (octet_length(password_sealed) <= 4096),
  constraint connector_topics_count check (cardinality(topics) between 1 and 16),
  constraint connector_ca_size check (octet_length(ca_pem) <= 65536),
  constraint connector_client_id_portable check (client_id ~ '^[0-9A-Za-z]{1,23}$')
);
comment on table connector is
  'The broker of somebody else on which a device''s messages are. password_sealed: AES-256-GCM, with the number of its key in front; null: none. topics: MQTT filters. ca_pem: the authority of its certificate; null: the public ones. client_id: names the session there, another one after another url, username or topics. revision: counts changes, so that whoever holds it hears of them.';

create table connector_holder (
  id text not null,
  held_until timestamptz not null,
  constraint connector_holder_pk primary key (id)
);
comment on table connector_holder is
  'Processes that hold connectors, each until held_until by this database''s clock, which it moves on every second. What a process held that falls silent is free for others from then on.';

create table connector_state (
  device_id integer not null,
  holder text,
  revision integer not null default 0,
  state text not null default 'connecting',
  since timestamptz not null default now(),
  next_attempt_at timestamptz,
  error_code text,
  error_detail text,
  error_at timestamptz,
  last_message_at timestamptz,
  messages bigint not null default 0,
  constraint connector_state_pk primary key (device_id),
  constraint connector_state_connector_fk foreign key (device_id) references connector (device_id) on delete cascade,
  constraint connector_state_known check (state in ('connecting', 'connected', 'refused', 'unreachable')),
  constraint connector_state_error_whole check ((error_code is null) = (error_detail is null) and (error_code is null) = (error_at is null)),
  constraint connector_state_messages_counted check (messages >= 0)
)
with (fillfactor = 70);
comment on table connector_state is
  'Who holds a connector, and how it goes there. holder: of connector_holder, without a foreign key, because one that was taken for dead writes on. revision: of the connector, as the state is about it. messages: taken since the connector exists. Apart from connector, because it is written every few seconds.';
create index connector_state_by_holder on connector_state (holder) where holder is not null;
