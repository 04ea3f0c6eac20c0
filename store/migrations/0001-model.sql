-- The model: who, where, what is metered, under which contract and with whose consent.
-- Identifiers are integers inside and strings outside. Instants are timestamptz, intervals half-open.

create table organisation (
  id integer generated always as identity,
  name text not null,
  kind text not null,
  created_at timestamptz not null default now(),
  constraint organisation_pk primary key (id),
  constraint organisation_kind_known check (kind in ('association', 'coordinator', 'syndic', 'supplier')),
  constraint organisation_name_given check (length(name) between 1 and 200)
);
comment on table organisation is 'The association itself, a coordinator, a syndic or a supplier.';

create table building (
  id integer generated always as identity,
  organisation_id integer not null,
  name text not null,
  address text not null,
  postal_code text not null,
  country text not null,
  region text not null,
  timezone text not null,
  dwellings integer not null,
  heated_area_m2 numeric(12, 2),
  created_at timestamptz not null default now(),
  revision integer not null default 1,
  constraint building_pk primary key (id),
  constraint building_organisation_fk foreign key (organisation_id) references organisation (id),
  constraint building_country_iso check (country ~ '^[A-Z]{2}$'),
  constraint building_dwellings_counted check (dwellings between 0 and 100000),
  constraint building_area_positive check (heated_area_m2 > 0)
);
comment on table building is 'A co-owned building. timezone: IANA name, civil days are cut in it. heated_area_m2: m2.';
create index building_by_organisation on building (organisation_id);

create table unit (
  id integer generated always as identity,
  building_id integer not null,
  name text not null,
  kind text not null,
  constraint unit_pk primary key (id),
  constraint unit_building_fk foreign key (building_id) references building (id),
  constraint unit_kind_known check (kind in ('dwelling', 'common', 'other')),
  constraint unit_name_unique unique (building_id, name)
);
comment on table unit is 'A dwelling, or the common parts, of a building.';

create table account (
  id integer generated always as identity,
  organisation_id integer not null,
  unit_id integer,
  email text not null,
  role text not null,
  locale text not null default 'fr',
  password_hash text,
  invitation_hash bytea,
  invitation_expires_at timestamptz,
  created_at timestamptz not null default now(),
  disabled_at timestamptz,
  constraint account_pk primary key (id),
  constraint account_organisation_fk foreign key (organisation_id) references organisation (id),
  constraint account_unit_fk foreign key (unit_id) references unit (id),
  constraint account_email_unique unique (email),
  constraint account_email_lower check (email = lower(email) and email like '%_@_%' and length(email) <= 254),
  constraint account_role_known check (role in ('admin', 'coordinator', 'manager', 'resident', 'supplier')),
  constraint account_resident_has_unit check (role <> 'resident' or unit_id is not null),
  constraint account_locale_known check (locale in ('fr', 'nl', 'en')),
  constraint account_invitation_hash_size check (octet_length(invitation_hash) = 32)
);
comment on table account is 'A person who signs in. password_hash: argon2id in PHC form; null until an invitation is accepted.';
create index account_by_organisation on account (organisation_id);

create table account_building (
  account_id integer not null,
  building_id integer not null,
  constraint account_building_pk primary key (account_id, building_id),
  constraint account_building_account_fk foreign key (account_id) references account (id) on delete cascade,
  constraint account_building_building_fk foreign key (building_id) references building (id)
);
comment on table account_building is 'The buildings that a manager looks after.';
create index account_building_by_building on account_building (building_id);

create table session (
  token_hash bytea not null,
  account_id integer not null,
  csrf_token text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  constraint session_pk primary key (token_hash),
  constraint session_account_fk foreign key (account_id) references account (id) on delete cascade,
  constraint session_token_hash_size check (octet_length(token_hash) = 32)
);
comment on table session is 'A signed-in browser or script. token_hash: SHA-256 of a random 256-bit token.';
create index session_by_account on session (account_id);

create table api_token (
  id integer generated always as identity,
  account_id integer not null,
  name text not null,
  token_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz,
  constraint api_token_pk primary key (id),
  constraint api_token_account_fk foreign key (account_id) references account (id) on delete cascade,
  constraint api_token_hash_unique unique (token_hash),
  constraint api_token_hash_size check (octet_length(token_hash) = 32)
);
comment on table api_token is 'A long-lived credential of an account, with the rights of the account. SHA-256 at rest.';
create index api_token_by_account on api_token (account_id);

create table supply_point (
  id integer generated always as identity,
  building_id integer not null,
  unit_id integer,
  carrier text not null,
  code text,
  direction text not null,
  scope text not null,
  connection_kva numeric(10, 3),
  vat_rate numeric(6, 4) not null,
  created_at timestamptz not null default now(),
  revision integer not null default 1,
  constraint supply_point_pk primary key (id),
  constraint supply_point_building_fk foreign key (building_id) references building (id),
  constraint supply_point_unit_fk foreign key (unit_id) references unit (id),
  constraint supply_point_code_unique unique (code),
  constraint supply_point_carrier_known check (carrier in ('electricity', 'gas', 'heat', 'water')),
  constraint supply_point_direction_known check (direction in ('import', 'export', 'both')),
  constraint supply_point_scope_known check (scope in ('common', 'private')),
  constraint supply_point_private_has_unit check (scope = 'common' or unit_id is not null),
  constraint supply_point_kva_positive check (connection_kva > 0),
  constraint supply_point_vat_share check (vat_rate between 0 and 1)
);
comment on table supply_point is 'A connection to a grid, with its EAN-GSRN, PRM or POD in code. vat_rate: share, 0.06 is 6 %.';
create index supply_point_by_building on supply_point (building_id);
create index supply_point_by_unit on supply_point (unit_id);

create table contract (
  id integer generated always as identity,
  supply_point_id integer not null,
  supplier text not null,
  price_nano_per_kwh bigint not null,
  annual_fee_micro bigint not null,
  currency text not null,
  vat text not null,
  starts_on date not null,
  ends_on date,
  notice_days integer not null,
  recorded_at timestamptz not null default now(),
  constraint contract_pk primary key (id),
  constraint contract_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint contract_start_unique unique (supply_point_id, starts_on),
  constraint contract_currency_iso check (currency ~ '^[A-Z]{3}$'),
  constraint contract_vat_known check (vat in ('included', 'excluded')),
  constraint contract_period_forward check (ends_on > starts_on),
  constraint contract_fee_not_negative check (annual_fee_micro >= 0),
  constraint contract_notice_not_negative check (notice_days >= 0)
);
comment on table contract is
  'What a supply point pays: nano-units of currency per kWh and micro-units per year. Civil dates, ends_on exclusive.';

create table consent (
  id integer generated always as identity,
  supply_point_id integer not null,
  purpose text not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  evidence text not null,
  given_by integer not null,
  recorded_at timestamptz not null default now(),
  withdrawn_at timestamptz,
  withdrawn_by integer,
  constraint consent_pk primary key (id),
  constraint consent_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint consent_given_by_fk foreign key (given_by) references account (id),
  constraint consent_withdrawn_by_fk foreign key (withdrawn_by) references account (id),
  constraint consent_purpose_known check (purpose in ('load-profile', 'tender', 'publication')),
  constraint consent_period_forward check (ends_at > starts_at),
  constraint consent_withdrawal_complete check ((withdrawn_at is null) = (withdrawn_by is null))
);
comment on table consent is 'Ledger: who allowed what for a supply point, from and until when. Rows are only added or withdrawn.';
create index consent_by_supply_point on consent (supply_point_id, purpose);

create table device (
  id integer generated always as identity,
  building_id integer not null,
  parent_id integer,
  external_id text,
  name text not null,
  profile text not null,
  expected_interval_s integer,
  created_at timestamptz not null default now(),
  last_seen_at timestamptz,
  connected_at timestamptz,
  disconnected_at timestamptz,
  removed_at timestamptz,
  constraint device_pk primary key (id),
  constraint device_building_fk foreign key (building_id) references building (id),
  constraint device_parent_fk foreign key (parent_id) references device (id),
  constraint device_external_id_unique unique (parent_id, external_id),
  constraint device_interval_positive check (expected_interval_s > 0)
);
comment on table device is
  'What is plugged in and connects: its id is its MQTT user name. parent_id: the gateway it speaks through, external_id its name there.';
create index device_by_building on device (building_id);

create table device_supply_point (
  device_id integer not null,
  supply_point_id integer not null,
  constraint device_supply_point_pk primary key (device_id, supply_point_id),
  constraint device_supply_point_device_fk foreign key (device_id) references device (id),
  constraint device_supply_point_supply_point_fk foreign key (supply_point_id) references supply_point (id)
);
comment on table device_supply_point is
  'Where a register that appears is assigned: to the device''s supply point of the register''s carrier.';
create index device_supply_point_by_supply_point on device_supply_point (supply_point_id);

create table device_credential (
  id integer generated always as identity,
  device_id integer not null,
  secret_hash bytea not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  constraint device_credential_pk primary key (id),
  constraint device_credential_device_fk foreign key (device_id) references device (id),
  constraint device_credential_hash_size check (octet_length(secret_hash) = 32)
);
comment on table device_credential is 'SHA-256 of a random secret of at least 128 bits, shown once.';
create index device_credential_by_device on device_credential (device_id);

create table register (
  id integer generated always as identity,
  device_id integer not null,
  name text not null,
  equipment_id text not null default '',
  carrier text,
  quantity text not null,
  unit text not null,
  kind text not null,
  tariff text,
  direction text,
  keep_every_s integer not null default 0,
  keep_days integer not null default 35,
  interpolate_max_s integer not null default 7200,
  max_per_hour numeric,
  created_at timestamptz not null default now(),
  constraint register_pk primary key (id),
  constraint register_device_fk foreign key (device_id) references device (id),
  constraint register_name_unique unique (device_id, name, equipment_id),
  constraint register_kind_known check (kind in ('cumulative', 'interval', 'instantaneous')),
  constraint register_carrier_known check (carrier in ('electricity', 'gas', 'heat', 'water')),
  constraint register_direction_known check (direction in ('import', 'export')),
  constraint register_keep_every_not_negative check (keep_every_s >= 0),
  constraint register_keep_days_positive check (keep_days > 0),
  constraint register_interpolate_positive check (interpolate_max_s > 0)
);
comment on table register is
  'One measured quantity of a device. Storage policy: at most one reading in keep_every_s (0: all), both sides of every quarter-hour always; dense for keep_days. interpolate_max_s: longest silence bridged by a line. max_per_hour: physical bound, in unit per hour; null: the default of its carrier.';

create table register_assignment (
  id integer generated always as identity,
  register_id integer not null,
  supply_point_id integer not null,
  role text not null,
  starts_at timestamptz not null default '-infinity',
  ends_at timestamptz not null default 'infinity',
  opening_index numeric,
  closing_index numeric,
  constraint register_assignment_pk primary key (id),
  constraint register_assignment_register_fk foreign key (register_id) references register (id),
  constraint register_assignment_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint register_assignment_role_known check (role in ('main', 'sub', 'production')),
  constraint register_assignment_period_forward check (ends_at > starts_at)
);
comment on table register_assignment is
  'Which supply point a register measures, and when. Only main registers add up to a supply point''s load. Indices in the register''s unit.';
create index register_assignment_by_register on register_assignment (register_id);
create index register_assignment_by_supply_point on register_assignment (supply_point_id);

create function register_assignment_refuse_overlap() returns trigger
language plpgsql as $$
begin
  perform 1 from register where id = new.register_id for update;
  if exists (
    select 1
    from register_assignment other
    where other.register_id = new.register_id
      and other.id <> new.id
      and other.starts_at < new.ends_at
      and other.ends_at > new.starts_at
  ) then
    raise exception 'register % is already assigned between % and %', new.register_id, new.starts_at, new.ends_at
      using errcode = 'exclusion_violation', constraint = 'register_assignment_no_overlap';
  end if;
  return new;
end
$$;
create trigger register_assignment_no_overlap
before insert or update on register_assignment
for each row execute function register_assignment_refuse_overlap();

-- This trigger, not the API, is what makes it impossible to measure one building's supply point with another's device.
create function refuse_foreign_supply_point() returns trigger
language plpgsql as $$
declare
  device_building integer;
  supply_point_building integer;
begin
  if tg_table_name = 'register_assignment' then
    select d.building_id into device_building
    from register r join device d on d.id = r.device_id
    where r.id = new.register_id;
  else
    select building_id into device_building from device where id = new.device_id;
  end if;
  select building_id into supply_point_building from supply_point where id = new.supply_point_id;
  if device_building is distinct from supply_point_building then
    raise exception 'supply point % belongs to another building than the device', new.supply_point_id
      using errcode = 'foreign_key_violation', constraint = 'same_building';
  end if;
  if tg_table_name = 'register_assignment' then
    if exists (
      select 1
      from register r, supply_point s
      where r.id = new.register_id
        and s.id = new.supply_point_id
        and r.carrier <> s.carrier
    ) then
      raise exception 'register % measures another carrier than supply point %', new.register_id, new.supply_point_id
        using errcode = 'foreign_key_violation', constraint = 'same_carrier';
    end if;
  end if;
  return new;
end
$$;
create trigger register_assignment_same_building
before insert or update on register_assignment
for each row execute function refuse_foreign_supply_point();
create trigger device_supply_point_same_building
before insert or update on device_supply_point
for each row execute function refuse_foreign_supply_point();
