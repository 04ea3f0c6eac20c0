-- The schema after all migrations, dumped by schema.db.test.ts: to be read and compared, not edited.

CREATE EXTENSION IF NOT EXISTS timescaledb WITH SCHEMA public;

CREATE FUNCTION public.load_profile_quarters(register integer, from_day date, to_day date) RETURNS TABLE(from_at timestamp with time zone, energy integer, status smallint)
    LANGUAGE sql STABLE
    AS $$
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

COMMENT ON FUNCTION public.load_profile_quarters(register integer, from_day date, to_day date) IS 'Unpacks load_profile_day for people: one row per quarter-hour.';

CREATE FUNCTION public.note_device_access() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

COMMENT ON FUNCTION public.note_device_access() IS 'A trigger, so that no way of editing can forget to tell the brokers.';

CREATE FUNCTION public.note_device_command() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  insert into device_change (device_id, kind) values (new.device_id, 'command');
  return null;
end
$$;

CREATE FUNCTION public.refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;

COMMENT ON FUNCTION public.refuse_change() IS 'For tables whose rows are never changed nor deleted once they are there.';

CREATE FUNCTION public.refuse_foreign_supply_point() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.register_assignment_refuse_overlap() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform 1 from register where id = new.register_id for no key update;
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

CREATE FUNCTION public.restale_by_assignment() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform restale_registers(array[coalesce(new.register_id, old.register_id)]);
  return null;
end
$$;

CREATE FUNCTION public.restale_by_assignments() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform restale_registers(array(select distinct register_id from assigned));
  return null;
end
$$;

CREATE FUNCTION public.restale_by_register() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform restale_registers(array[new.id]);
  return null;
end
$$;

CREATE FUNCTION public.restale_by_ruling() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.restale_by_supply_point() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
  perform restale_registers(array(select register_id from register_assignment where supply_point_id = new.id));
  return null;
end
$$;

CREATE FUNCTION public.restale_registers(register_ids integer[]) RETURNS void
    LANGUAGE sql
    AS $$
  insert into journal (register_ids, days, cause)
  select array_agg(register_id), array_agg(day), 'rule_changed'
  from load_profile_day
  where register_id = any (register_ids)
  group by register_id
$$;

COMMENT ON FUNCTION public.restale_registers(register_ids integer[]) IS 'Puts every day of these registers'' profiles into the journal.';

CREATE TABLE public.account (
    id integer NOT NULL,
    organisation_id integer NOT NULL,
    unit_id integer,
    email text NOT NULL,
    role text NOT NULL,
    locale text DEFAULT 'fr'::text NOT NULL,
    password_hash text,
    invitation_hash bytea,
    invitation_expires_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    disabled_at timestamp with time zone,
    CONSTRAINT account_email_lower CHECK (((email = lower(email)) AND (email ~~ '%_@_%'::text) AND (length(email) <= 254))),
    CONSTRAINT account_invitation_hash_size CHECK ((octet_length(invitation_hash) = 32)),
    CONSTRAINT account_locale_known CHECK ((locale = ANY (ARRAY['fr'::text, 'nl'::text, 'en'::text]))),
    CONSTRAINT account_resident_has_unit CHECK (((role <> 'resident'::text) OR (unit_id IS NOT NULL))),
    CONSTRAINT account_role_known CHECK ((role = ANY (ARRAY['admin'::text, 'coordinator'::text, 'manager'::text, 'resident'::text, 'supplier'::text])))
);

COMMENT ON TABLE public.account IS 'A person who signs in. password_hash: argon2id in PHC form; null until an invitation is accepted.';

CREATE TABLE public.account_building (
    account_id integer NOT NULL,
    building_id integer NOT NULL
);

COMMENT ON TABLE public.account_building IS 'The buildings that a manager looks after.';

ALTER TABLE public.account ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.account_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.api_token (
    id integer NOT NULL,
    account_id integer NOT NULL,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT api_token_hash_size CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON TABLE public.api_token IS 'A long-lived credential of an account, with the rights of the account. SHA-256 at rest.';

ALTER TABLE public.api_token ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_token_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.broker (
    id text NOT NULL,
    started_at timestamp with time zone DEFAULT now() NOT NULL,
    heard_at timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.broker IS 'The brokers that run, each with the time (of this database) when it last said so. One that falls silent is forgotten: its devices are gone, its commands are tried by another.';

CREATE TABLE public.building (
    id integer NOT NULL,
    organisation_id integer NOT NULL,
    name text NOT NULL,
    address text NOT NULL,
    postal_code text NOT NULL,
    country text NOT NULL,
    region text NOT NULL,
    timezone text NOT NULL,
    dwellings integer NOT NULL,
    heated_area_m2 numeric(12,2),
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    gas_zone text,
    CONSTRAINT building_area_positive CHECK ((heated_area_m2 > (0)::numeric)),
    CONSTRAINT building_country_iso CHECK ((country ~ '^[A-Z]{2}$'::text)),
    CONSTRAINT building_dwellings_counted CHECK (((dwellings >= 0) AND (dwellings <= 100000))),
    CONSTRAINT building_gas_zone_form CHECK ((gas_zone ~ '^[A-Z0-9-]{2,32}$'::text))
);

COMMENT ON TABLE public.building IS 'A co-owned building. timezone: IANA name, civil days are cut in it. heated_area_m2: m2.';

COMMENT ON COLUMN public.building.gas_zone IS 'The gas network''s zone, by which its calorific values are published; null: region, then country.';

ALTER TABLE public.building ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.building_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.calorific_value (
    id integer NOT NULL,
    zone text NOT NULL,
    from_on date NOT NULL,
    version integer NOT NULL,
    kwh_per_m3 numeric(8,5) NOT NULL,
    source text NOT NULL,
    recorded_by integer NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    CONSTRAINT calorific_value_plausible CHECK (((kwh_per_m3 >= (5)::numeric) AND (kwh_per_m3 <= (15)::numeric))),
    CONSTRAINT calorific_value_source_given CHECK (((length(source) >= 1) AND (length(source) <= 500))),
    CONSTRAINT calorific_value_zone_form CHECK ((zone ~ '^[A-Z0-9-]{2,32}$'::text))
);

COMMENT ON TABLE public.calorific_value IS 'Gross calorific value of gas, kWh per m3 as metered, of a zone (gas zone, region or country) from a civil date until the next one begins. Rows are only added: the highest version of a date counts.';

ALTER TABLE public.calorific_value ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.calorific_value_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.connector (
    device_id integer NOT NULL,
    kind text NOT NULL,
    url text NOT NULL,
    username text NOT NULL,
    password_sealed bytea,
    topics text[] NOT NULL,
    ca_pem text,
    client_id text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    created_at timestamp with time zone NOT NULL,
    changed_at timestamp with time zone NOT NULL,
    CONSTRAINT connector_ca_size CHECK ((octet_length(ca_pem) <= 65536)),
    CONSTRAINT connector_client_id_portable CHECK ((client_id ~ '^[0-9A-Za-z]{1,23}$'::text)),
    CONSTRAINT connector_kind_known CHECK ((kind = ANY (ARRAY['the-things-stack'::text, 'chirpstack'::text, 'sinapsi'::text, 'custom'::text]))),
    CONSTRAINT connector_password_size CHECK ((octet_length(password_sealed) <= 4096)),
    CONSTRAINT connector_topics_count CHECK (((cardinality(topics) >= 1) AND (cardinality(topics) <= 16))),
    CONSTRAINT connector_url_size CHECK (((octet_length(url) >= 1) AND (octet_length(url) <= 2000))),
    CONSTRAINT connector_username_size CHECK ((octet_length(username) <= 1000))
);

COMMENT ON TABLE public.connector IS 'The broker of somebody else on which a device''s messages are. password_sealed: AES-256-GCM, with the number of its key in front; null: none. topics: MQTT filters. ca_pem: the authority of its certificate; null: the public ones. client_id: names the session there, another one after another url, username or topics. revision: counts changes, so that whoever holds it hears of them.';

CREATE TABLE public.connector_holder (
    id text NOT NULL,
    held_until timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.connector_holder IS 'Processes that hold connectors, each until held_until by this database''s clock, which it moves on every second. What a process held that falls silent is free for others from then on.';

CREATE TABLE public.connector_state (
    device_id integer NOT NULL,
    holder text,
    revision integer DEFAULT 0 NOT NULL,
    state text DEFAULT 'connecting'::text NOT NULL,
    since timestamp with time zone DEFAULT now() NOT NULL,
    next_attempt_at timestamp with time zone,
    error_code text,
    error_detail text,
    error_at timestamp with time zone,
    last_message_at timestamp with time zone,
    messages bigint DEFAULT 0 NOT NULL,
    CONSTRAINT connector_state_error_whole CHECK ((((error_code IS NULL) = (error_detail IS NULL)) AND ((error_code IS NULL) = (error_at IS NULL)))),
    CONSTRAINT connector_state_known CHECK ((state = ANY (ARRAY['connecting'::text, 'connected'::text, 'refused'::text, 'unreachable'::text]))),
    CONSTRAINT connector_state_messages_counted CHECK ((messages >= 0))
)
WITH (fillfactor='70');

COMMENT ON TABLE public.connector_state IS 'Who holds a connector, and how it goes there. holder: of connector_holder, without a foreign key, because one that was taken for dead writes on. revision: of the connector, as the state is about it. messages: taken since the connector exists. Apart from connector, because it is written every few seconds.';

CREATE TABLE public.consent (
    id integer NOT NULL,
    supply_point_id integer NOT NULL,
    purpose text NOT NULL,
    starts_at timestamp with time zone NOT NULL,
    ends_at timestamp with time zone,
    evidence text NOT NULL,
    given_by integer NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    withdrawn_at timestamp with time zone,
    withdrawn_by integer,
    withdrawn_as text,
    CONSTRAINT consent_period_forward CHECK ((ends_at > starts_at)),
    CONSTRAINT consent_purpose_known CHECK ((purpose = ANY (ARRAY['load-profile'::text, 'tender'::text, 'publication'::text]))),
    CONSTRAINT consent_withdrawal_complete CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL))),
    CONSTRAINT consent_withdrawn_as_known CHECK ((withdrawn_as = ANY (ARRAY['admin'::text, 'coordinator'::text, 'manager'::text, 'resident'::text])))
);

COMMENT ON TABLE public.consent IS 'Ledger: who allowed what for a supply point, from and until when. Rows are only added or withdrawn.';

COMMENT ON COLUMN public.consent.withdrawn_as IS 'Role of withdrawn_by at the withdrawal. What a manager or resident withdrew, nobody who only keeps the ledger gives again.';

ALTER TABLE public.consent ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.consent_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.contract (
    id integer NOT NULL,
    supply_point_id integer NOT NULL,
    supplier text NOT NULL,
    price_nano_per_kwh bigint NOT NULL,
    annual_fee_micro bigint NOT NULL,
    currency text NOT NULL,
    vat text NOT NULL,
    starts_on date NOT NULL,
    ends_on date,
    notice_days integer NOT NULL,
    recorded_at timestamp with time zone DEFAULT now() NOT NULL,
    green_millionths integer,
    tender_id integer,
    CONSTRAINT contract_currency_iso CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT contract_fee_not_negative CHECK ((annual_fee_micro >= 0)),
    CONSTRAINT contract_green_share CHECK (((green_millionths >= 0) AND (green_millionths <= 1000000))),
    CONSTRAINT contract_notice_not_negative CHECK ((notice_days >= 0)),
    CONSTRAINT contract_period_forward CHECK ((ends_on > starts_on)),
    CONSTRAINT contract_vat_known CHECK ((vat = ANY (ARRAY['included'::text, 'excluded'::text])))
);

COMMENT ON TABLE public.contract IS 'What a supply point pays: nano-units of currency per kWh and micro-units per year. Civil dates, ends_on exclusive.';

COMMENT ON COLUMN public.contract.green_millionths IS 'Certified green share in millionths; null: nothing is certified or known.';

ALTER TABLE public.contract ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.contract_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device (
    id integer NOT NULL,
    building_id integer NOT NULL,
    parent_id integer,
    external_id text,
    name text NOT NULL,
    profile text NOT NULL,
    expected_interval_s integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    last_seen_at timestamp with time zone,
    connected_at timestamp with time zone,
    disconnected_at timestamp with time zone,
    removed_at timestamp with time zone,
    certificates_from timestamp with time zone,
    connected_by text,
    clock_skew_ms integer,
    clock_skew_at timestamp with time zone,
    CONSTRAINT device_interval_positive CHECK ((expected_interval_s > 0))
);

COMMENT ON TABLE public.device IS 'What is plugged in and connects: its id is its MQTT user name. parent_id: the gateway it speaks through, external_id its name there.';

COMMENT ON COLUMN public.device.certificates_from IS 'Client certificates issued before this instant are refused; null: none is.';

COMMENT ON COLUMN public.device.connected_by IS 'The broker at which the device connected last and still is; null: it is not connected. No foreign key: a broker that was taken for dead writes on.';

COMMENT ON COLUMN public.device.clock_skew_ms IS 'How far the clock of the device runs ahead of ours (negative: behind), ms: the least offset of its values of the moment in the five minutes before clock_skew_at. Null: it never gave a time of its own.';

CREATE TABLE public.device_change (
    id bigint NOT NULL,
    device_id integer NOT NULL,
    kind text NOT NULL,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    changed_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    CONSTRAINT device_change_kind_known CHECK ((kind = ANY (ARRAY['access'::text, 'command'::text, 'claim'::text])))
);

COMMENT ON TABLE public.device_change IS 'What every broker must hear of: who may connect changed, a command waits, a device behind a gateway was claimed (the row names the gateway). A reader goes on at the oldest transaction that was running when it last looked, so that no late commit is missed.';

ALTER TABLE public.device_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device_command (
    id bigint NOT NULL,
    device_id integer NOT NULL,
    topic text NOT NULL,
    payload bytea NOT NULL,
    state text DEFAULT 'pending'::text NOT NULL,
    created_by integer,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    sent_at timestamp with time zone,
    sent_by text,
    settled_at timestamp with time zone,
    CONSTRAINT device_command_expiry_forward CHECK ((expires_at > created_at)),
    CONSTRAINT device_command_payload_size CHECK ((octet_length(payload) <= 65536)),
    CONSTRAINT device_command_settled_complete CHECK (((settled_at IS NULL) = (state = ANY (ARRAY['pending'::text, 'sent'::text])))),
    CONSTRAINT device_command_state_known CHECK ((state = ANY (ARRAY['pending'::text, 'sent'::text, 'delivered'::text, 'expired'::text, 'cancelled'::text]))),
    CONSTRAINT device_command_topic_size CHECK (((octet_length(topic) >= 1) AND (octet_length(topic) <= 1024)))
);

COMMENT ON TABLE public.device_command IS 'A message for a device, kept until it acknowledged it (QoS 1, at least once), or until it expired. topic: the device''s own, without its mount. sent_by: the broker that tries.';

ALTER TABLE public.device_command ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_command_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device_credential (
    id integer NOT NULL,
    device_id integer NOT NULL,
    secret_hash bytea NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone,
    revoked_at timestamp with time zone,
    CONSTRAINT device_credential_hash_size CHECK ((octet_length(secret_hash) = 32))
);

COMMENT ON TABLE public.device_credential IS 'SHA-256 of a random secret of at least 128 bits, shown once.';

ALTER TABLE public.device_credential ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_credential_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device_fact (
    device_id integer NOT NULL,
    key text NOT NULL,
    value text NOT NULL,
    learned_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT device_fact_key_size CHECK (((length(key) >= 1) AND (length(key) <= 256))),
    CONSTRAINT device_fact_value_size CHECK (((length(value) >= 1) AND (length(value) <= 16384)))
);

COMMENT ON TABLE public.device_fact IS 'Births, descriptions and discoveries: what a message says about messages to come, without which those cannot be read. Bounded per device; the same key replaces.';

ALTER TABLE public.device ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.device_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.device_supply_point (
    device_id integer NOT NULL,
    supply_point_id integer NOT NULL
);

COMMENT ON TABLE public.device_supply_point IS 'Where a register that appears is assigned: to the device''s supply point of the register''s carrier.';

CREATE TABLE public.dismissed_swap (
    old_register_id integer NOT NULL,
    new_register_id integer NOT NULL,
    dismissed_by integer NOT NULL,
    dismissed_at timestamp with time zone NOT NULL
);

COMMENT ON TABLE public.dismissed_swap IS 'Pairs of registers that look like a swap and are none, as a person said.';

CREATE TABLE public.estimate_due (
    register_id integer NOT NULL,
    day date NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL
);

COMMENT ON TABLE public.estimate_due IS 'Days that are over and whose gaps are to be estimated, anew or for the first time. Noted by the transaction that saves the profile, taken with skip locked by the one that saves the estimate.';

CREATE TABLE public.estimated_day (
    register_id integer NOT NULL,
    day date NOT NULL,
    quarters bytea NOT NULL,
    statuses bytea NOT NULL,
    computed_at timestamp with time zone DEFAULT now() NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    methods bytea DEFAULT decode(repeat('00'::text, 96), 'hex'::text) NOT NULL,
    reach_days smallint NOT NULL,
    CONSTRAINT estimated_day_methods_size CHECK ((octet_length(methods) = 96)),
    CONSTRAINT estimated_day_quarters_size CHECK ((octet_length(quarters) = (4 * 96))),
    CONSTRAINT estimated_day_reach_not_negative CHECK ((reach_days >= 0)),
    CONSTRAINT estimated_day_statuses_size CHECK ((octet_length(statuses) = 96))
);

COMMENT ON TABLE public.estimated_day IS 'What a register probably counted where load_profile_day has nothing: a UTC day a row, packed as there (Wh, gas and water l); statuses 0 missing (nothing estimated), 2 substituted, 3 interpolated. Laid under the measured values when a load is read. A row is emptied, never deleted: revision only grows.';

COMMENT ON COLUMN public.estimated_day.methods IS 'How each estimate was made, a byte each: 0 none, 1 line, 2 line_to_energy, 3 like_day, 4 like_day_temperature, 5 shape, 6 shape_temperature, 7 even.';

COMMENT ON COLUMN public.estimated_day.reach_days IS 'A change of a day that is so many days away, or fewer, can change these estimates, also where none could be made: then it is to be estimated anew.';

CREATE TABLE public.import (
    id integer NOT NULL,
    created_by integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    format text NOT NULL,
    file_name text NOT NULL,
    file_hash bytea NOT NULL,
    supply_point_id integer,
    state text DEFAULT 'staged'::text NOT NULL,
    rows_read integer DEFAULT 0 NOT NULL,
    rows_refused integer DEFAULT 0 NOT NULL,
    errors jsonb DEFAULT '[]'::jsonb NOT NULL,
    preview jsonb,
    committed_at timestamp with time zone,
    bytes_total integer DEFAULT 0 NOT NULL,
    bytes_read integer DEFAULT 0 NOT NULL,
    reading_attempt integer DEFAULT 0 NOT NULL,
    reading_until timestamp with time zone,
    notes jsonb DEFAULT '[]'::jsonb NOT NULL,
    CONSTRAINT import_file_hash_size CHECK ((octet_length(file_hash) = 32)),
    CONSTRAINT import_state_known CHECK ((state = ANY (ARRAY['staged'::text, 'previewed'::text, 'committing'::text, 'committed'::text, 'failed'::text])))
);

COMMENT ON TABLE public.import IS 'A file of history that somebody brought. errors: rows that could not be read, with line and reason, at most the first hundred. preview: what would change.';

COMMENT ON COLUMN public.import.bytes_total IS 'Size of the file, bytes; bytes_read: how far it has been read.';

COMMENT ON COLUMN public.import.reading_attempt IS 'Counts who began to read it: only the last one may say what was in it.';

COMMENT ON COLUMN public.import.reading_until IS 'Until when whoever reads it may be silent; later, or null, anybody begins again. Of no meaning but in state staged.';

COMMENT ON COLUMN public.import.notes IS 'Sentences on what was decided for the file as a whole: which format, which encoding, what was left out.';

CREATE TABLE public.import_day (
    import_id integer NOT NULL,
    supply_point_id integer NOT NULL,
    direction text NOT NULL,
    day date NOT NULL,
    quarters bytea NOT NULL,
    statuses bytea NOT NULL,
    resolution_s integer NOT NULL,
    CONSTRAINT import_day_direction_known CHECK ((direction = ANY (ARRAY['import'::text, 'export'::text])))
);

COMMENT ON TABLE public.import_day IS 'Staged: what a file says, packed as in imported_day; deleted when it is committed.';

CREATE TABLE public.import_file (
    import_id integer NOT NULL,
    place integer NOT NULL,
    bytes bytea NOT NULL,
    CONSTRAINT import_file_bytes_size CHECK (((octet_length(bytes) >= 1) AND (octet_length(bytes) <= 1048576)))
);
ALTER TABLE ONLY public.import_file ALTER COLUMN bytes SET STORAGE EXTERNAL;

COMMENT ON TABLE public.import_file IS 'A file of history while its import is staged: pieces of at most 1 MiB, place from 0; deleted when it was read to its end.';

ALTER TABLE public.import ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.import_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.imported_day (
    supply_point_id integer NOT NULL,
    direction text NOT NULL,
    day date NOT NULL,
    quarters bytea NOT NULL,
    statuses bytea NOT NULL,
    resolution_s integer NOT NULL,
    import_id integer NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    CONSTRAINT imported_day_direction_known CHECK ((direction = ANY (ARRAY['import'::text, 'export'::text]))),
    CONSTRAINT imported_day_quarters_size CHECK ((octet_length(quarters) = (4 * 96))),
    CONSTRAINT imported_day_statuses_size CHECK ((octet_length(statuses) = 96))
);

COMMENT ON TABLE public.imported_day IS 'History of a supply point that came in files: a UTC day a row, packed as load_profile_day. A supply point''s load takes, quarter-hour by quarter-hour, the better of what its registers measured and of this. resolution_s: the longest interval of the file in that day; longer ones were spread evenly, their sum kept. revision grows when a byte changes.';

CREATE TABLE public.journal (
    id bigint NOT NULL,
    not_before timestamp with time zone DEFAULT now() NOT NULL,
    late boolean DEFAULT true NOT NULL,
    register_ids integer[] NOT NULL,
    days date[] NOT NULL,
    cause text DEFAULT 'readings'::text NOT NULL,
    CONSTRAINT journal_cause_known CHECK ((cause = ANY (ARRAY['readings'::text, 'rule_changed'::text, 'ruling'::text]))),
    CONSTRAINT journal_pairs CHECK ((cardinality(register_ids) = cardinality(days)))
);

COMMENT ON TABLE public.journal IS 'One row per commit: the pairs of register and UTC day whose profile is stale. late: by readings older than a quarter-hour, so that quarters already shown are wrong; the head of a live day may wait. Claimed with skip locked, and deleted by the transaction that saves the profiles.';

COMMENT ON COLUMN public.journal.cause IS 'Why: readings came, a rule changed by which they are judged (a bound, an assignment), or a person ruled.';

ALTER TABLE public.journal ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.journal_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.layout (
    id integer NOT NULL,
    device_id integer NOT NULL,
    register_ids integer[] NOT NULL,
    CONSTRAINT layout_not_empty CHECK ((cardinality(register_ids) > 0))
);

COMMENT ON TABLE public.layout IS 'The registers, ascending, whose values a reading row carries in that order. Bounded per device.';

ALTER TABLE public.layout ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.layout_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.load_change (
    id bigint NOT NULL,
    layer text NOT NULL,
    register_id integer,
    supply_point_id integer,
    direction text,
    day date NOT NULL,
    changed_at timestamp with time zone DEFAULT now() NOT NULL,
    cause text NOT NULL,
    import_id integer,
    before_quarters bytea NOT NULL,
    before_statuses bytea NOT NULL,
    after_quarters bytea NOT NULL,
    after_statuses bytea NOT NULL,
    revision integer,
    CONSTRAINT load_change_cause_known CHECK ((cause = ANY (ARRAY['readings'::text, 'rule_changed'::text, 'ruling'::text, 'estimate'::text, 'import'::text]))),
    CONSTRAINT load_change_layer_known CHECK ((layer = ANY (ARRAY['measured'::text, 'estimated'::text, 'imported'::text]))),
    CONSTRAINT load_change_subject CHECK ((((layer = 'imported'::text) = (register_id IS NULL)) AND ((register_id IS NULL) = (supply_point_id IS NOT NULL))))
);

COMMENT ON TABLE public.load_change IS 'Why a number changed: a UTC day before and after, packed as in load_profile_day, whenever a quarter-hour that had a value got another one, or lost it. Quarter-hours that only gain a value leave no row.';

COMMENT ON COLUMN public.load_change.revision IS 'Of the day as it was shown after the change, counted from its first value: of a register the revisions of both its layers together. Null: recorded before they were kept.';

ALTER TABLE public.load_change ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.load_change_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.load_profile_day (
    register_id integer NOT NULL,
    day date NOT NULL,
    quarters bytea NOT NULL,
    statuses bytea NOT NULL,
    computed_at timestamp with time zone NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    CONSTRAINT load_profile_day_quarters_size CHECK ((octet_length(quarters) = (4 * 96))),
    CONSTRAINT load_profile_day_statuses_size CHECK ((octet_length(statuses) = 96))
);

COMMENT ON TABLE public.load_profile_day IS 'A UTC day of a register is a row. quarters: 96 little-endian int4, Wh (gas and water: l); statuses: a byte each, 0 missing, 1 profiled, 2 substituted, 3 interpolated, 4 measured, 5 validated. revision grows when a byte changes.';

CREATE TABLE public.meter_swap (
    id integer NOT NULL,
    supply_point_id integer NOT NULL,
    old_register_id integer NOT NULL,
    new_register_id integer NOT NULL,
    swapped_at timestamp with time zone NOT NULL,
    closing_index numeric NOT NULL,
    opening_index numeric NOT NULL,
    closing_ruling_id integer NOT NULL,
    opening_ruling_id integer NOT NULL,
    old_assignment_id integer,
    new_assignment_id integer,
    old_ended_at timestamp with time zone,
    new_started_at timestamp with time zone,
    recorded_by integer NOT NULL,
    recorded_at timestamp with time zone NOT NULL,
    new_started_with_values boolean DEFAULT false NOT NULL,
    CONSTRAINT meter_swap_indices_not_negative CHECK (((closing_index >= (0)::numeric) AND (opening_index >= (0)::numeric)))
);

COMMENT ON TABLE public.meter_swap IS 'A meter replaced by another at an instant, each index in its register''s unit. Both registers are one where the meter''s device tells no serial; then both rulings are one too. In force as long as its rulings are. old_ended_at, new_started_at: the assignments'' bounds before, to be put back when it is taken back; null: the new assignment was made by the swap.';

COMMENT ON COLUMN public.meter_swap.new_started_with_values IS 'The new register''s assignment began with its first value (register_assignment.starts_with_values) before this swap said when.';

ALTER TABLE public.meter_swap ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.meter_swap_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.migration (
    number integer NOT NULL,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamp with time zone DEFAULT now() NOT NULL
);

CREATE TABLE public.organisation (
    id integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT organisation_kind_known CHECK ((kind = ANY (ARRAY['association'::text, 'coordinator'::text, 'syndic'::text, 'supplier'::text]))),
    CONSTRAINT organisation_name_given CHECK (((length(name) >= 1) AND (length(name) <= 200)))
);

COMMENT ON TABLE public.organisation IS 'The association itself, a coordinator, a syndic or a supplier.';

ALTER TABLE public.organisation ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.organisation_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.policy_deletion (
    policy text NOT NULL,
    device_id integer NOT NULL,
    day date NOT NULL,
    row_count bigint NOT NULL,
    byte_count bigint NOT NULL,
    CONSTRAINT policy_deletion_policy_known CHECK ((policy = ANY (ARRAY['quarantine_expiry'::text, 'quarantine_quota'::text])))
);

COMMENT ON TABLE public.policy_deletion IS 'Everything that was deleted, by the declared policy that deleted it: rows and payload bytes by device (0: none named) and UTC day of deletion.';

CREATE TABLE public.publication_part (
    tender_id integer NOT NULL,
    building_id integer NOT NULL,
    month text NOT NULL,
    wh bigint NOT NULL,
    fingerprint text NOT NULL,
    present bytea NOT NULL,
    year_from date,
    year_to date,
    CONSTRAINT publication_part_month_form CHECK ((month ~ '^([0-9]{4}-[0-9]{2}|year)$'::text)),
    CONSTRAINT publication_part_year_spans CHECK ((((month = 'year'::text) = ((year_from IS NOT NULL) AND (year_to IS NOT NULL))) AND (year_from < year_to)))
);

COMMENT ON TABLE public.publication_part IS 'What each participant put into each civil month of a published dossier, and (month ''year'', of the days from year_from to before year_to) into its annual volume: the gate before the next publication compares with it. present: its quarter-hours with a value that was shown; bit i of the month, the lowest of a byte first, is the i-th from the month''s first instant on; empty for the year. Never shown.';

CREATE TABLE public.quarantine (
    id bigint NOT NULL,
    device_id integer,
    received_at timestamp with time zone NOT NULL,
    client_id bytea NOT NULL,
    topic bytea NOT NULL,
    payload bytea NOT NULL,
    retained boolean NOT NULL,
    profile text,
    reason text NOT NULL,
    detail text NOT NULL,
    replayed_at timestamp with time zone,
    external_id text,
    trace_id text,
    replay_requested_at timestamp with time zone,
    attempts integer DEFAULT 0 NOT NULL
);

COMMENT ON TABLE public.quarantine IS 'What could not be decoded or judged, byte for byte, with the reason as a code and a sentence for people.';

COMMENT ON COLUMN public.quarantine.external_id IS 'How the gateway that is device_id calls the device that spoke; null: itself.';

COMMENT ON COLUMN public.quarantine.trace_id IS 'Under which the log of the broker names this message.';

COMMENT ON COLUMN public.quarantine.replay_requested_at IS 'Somebody asked to read it again; null once that was tried.';

COMMENT ON COLUMN public.quarantine.attempts IS 'How often it was read again.';

ALTER TABLE public.quarantine ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.quarantine_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.reading (
    device_id integer NOT NULL,
    layout_id integer NOT NULL,
    observed_at timestamp with time zone NOT NULL,
    received_at timestamp with time zone NOT NULL,
    clock smallint NOT NULL,
    flags smallint NOT NULL,
    fingerprint bigint NOT NULL,
    "values" bytea NOT NULL
);

COMMENT ON TABLE public.reading IS 'A message is a row: the values of one device that share an instant. values: one packed decimal per register of the layout. clock: rank of the source of observed_at, 0 best. fingerprint: hash of values; with device, instant and layout it tells a redelivery from a correction.';

CREATE TABLE public.register (
    id integer NOT NULL,
    device_id integer NOT NULL,
    name text NOT NULL,
    equipment_id text DEFAULT ''::text NOT NULL,
    carrier text,
    quantity text NOT NULL,
    unit text NOT NULL,
    kind text NOT NULL,
    tariff text,
    direction text,
    keep_every_s integer DEFAULT 0 NOT NULL,
    keep_days integer DEFAULT 35 NOT NULL,
    interpolate_max_s integer DEFAULT 7200 NOT NULL,
    max_per_hour numeric,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT register_carrier_known CHECK ((carrier = ANY (ARRAY['electricity'::text, 'gas'::text, 'heat'::text, 'water'::text]))),
    CONSTRAINT register_direction_known CHECK ((direction = ANY (ARRAY['import'::text, 'export'::text]))),
    CONSTRAINT register_interpolate_positive CHECK ((interpolate_max_s > 0)),
    CONSTRAINT register_keep_days_positive CHECK ((keep_days > 0)),
    CONSTRAINT register_keep_every_not_negative CHECK ((keep_every_s >= 0)),
    CONSTRAINT register_kind_known CHECK ((kind = ANY (ARRAY['cumulative'::text, 'interval'::text, 'instantaneous'::text])))
);

COMMENT ON TABLE public.register IS 'One measured quantity of a device. Storage policy: at most one reading in keep_every_s (0: all), both sides of every quarter-hour always; dense for keep_days. interpolate_max_s: longest silence bridged by a line. max_per_hour: physical bound, in unit per hour; null: the default of its carrier.';

CREATE TABLE public.register_assignment (
    id integer NOT NULL,
    register_id integer NOT NULL,
    supply_point_id integer NOT NULL,
    role text NOT NULL,
    starts_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    ends_at timestamp with time zone DEFAULT 'infinity'::timestamp with time zone NOT NULL,
    opening_index numeric,
    closing_index numeric,
    starts_with_values boolean DEFAULT false NOT NULL,
    CONSTRAINT register_assignment_period_forward CHECK ((ends_at > starts_at)),
    CONSTRAINT register_assignment_role_known CHECK ((role = ANY (ARRAY['main'::text, 'sub'::text, 'production'::text, 'outside'::text])))
);

COMMENT ON TABLE public.register_assignment IS 'Which supply point a register measures, and when. Only main registers add up to a supply point''s load; outside: the temperature outside the building, by which gaps of gas and heat are estimated. Indices in the register''s unit.';

COMMENT ON COLUMN public.register_assignment.starts_with_values IS 'Nobody said when it begins: starts_at is the first quarter-hour for which the register has a value, and moves back when an earlier one comes.';

ALTER TABLE public.register_assignment ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.register_assignment_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.register_decision (
    register_id integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    kind text NOT NULL,
    from_index numeric NOT NULL,
    to_index numeric NOT NULL,
    ruling_id integer,
    evidence jsonb NOT NULL,
    decided_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT register_decision_forward CHECK ((to_at >= from_at)),
    CONSTRAINT register_decision_kind_known CHECK ((kind = ANY (ARRAY['ok'::text, 'glitch'::text, 'reset'::text, 'rollover'::text, 'swap'::text, 'spike'::text])))
);

COMMENT ON TABLE public.register_decision IS 'What was decided about a step of an index that is not plain consumption, from one reading to the next, or about one reading that is none (from_at = to_at). Indices in the register''s unit. evidence: the rule and the figures that it rests on. ruling_id: the person''s word that decided; null: the rules did. Derived, and replaced when it is computed anew.';

ALTER TABLE public.register ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.register_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.register_ruling (
    id integer NOT NULL,
    register_id integer NOT NULL,
    kind text NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    closing_index numeric,
    opening_index numeric,
    reason text NOT NULL,
    ruled_by integer NOT NULL,
    ruled_at timestamp with time zone NOT NULL,
    withdrawn_by integer,
    withdrawn_at timestamp with time zone,
    CONSTRAINT register_ruling_forward CHECK ((to_at >= from_at)),
    CONSTRAINT register_ruling_indices_not_negative CHECK (((closing_index >= (0)::numeric) AND (opening_index >= (0)::numeric))),
    CONSTRAINT register_ruling_kind_known CHECK ((kind = ANY (ARRAY['ok'::text, 'glitch'::text, 'reset'::text, 'rollover'::text, 'swap'::text, 'spike'::text]))),
    CONSTRAINT register_ruling_reason_given CHECK (((length(reason) >= 1) AND (length(reason) <= 1000))),
    CONSTRAINT register_ruling_withdrawal_complete CHECK (((withdrawn_at IS NULL) = (withdrawn_by IS NULL)))
);

COMMENT ON TABLE public.register_ruling IS 'What a person says of the steps of an index within [from_at, to_at], or of one reading where the two are equal, against what the rules say. closing_index, opening_index: where the index ended and began anew, in the register''s unit; one alone: the register ends, or begins, at that instant. Rows are only added or withdrawn.';

ALTER TABLE public.register_ruling ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.register_ruling_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.session (
    token_hash bytea NOT NULL,
    account_id integer NOT NULL,
    csrf_token text NOT NULL,
    created_at timestamp with time zone NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    CONSTRAINT session_token_hash_size CHECK ((octet_length(token_hash) = 32))
);

COMMENT ON TABLE public.session IS 'A signed-in browser or script. token_hash: SHA-256 of a random 256-bit token.';

CREATE TABLE public.supply_point (
    id integer NOT NULL,
    building_id integer NOT NULL,
    unit_id integer,
    carrier text NOT NULL,
    code text,
    direction text NOT NULL,
    scope text NOT NULL,
    connection_kva numeric(10,3),
    vat_rate numeric(6,4) NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    CONSTRAINT supply_point_carrier_known CHECK ((carrier = ANY (ARRAY['electricity'::text, 'gas'::text, 'heat'::text, 'water'::text]))),
    CONSTRAINT supply_point_direction_known CHECK ((direction = ANY (ARRAY['import'::text, 'export'::text, 'both'::text]))),
    CONSTRAINT supply_point_kva_positive CHECK ((connection_kva > (0)::numeric)),
    CONSTRAINT supply_point_private_has_unit CHECK (((scope = 'common'::text) OR (unit_id IS NOT NULL))),
    CONSTRAINT supply_point_scope_known CHECK ((scope = ANY (ARRAY['common'::text, 'private'::text]))),
    CONSTRAINT supply_point_vat_share CHECK (((vat_rate >= (0)::numeric) AND (vat_rate <= (1)::numeric)))
);

COMMENT ON TABLE public.supply_point IS 'A connection to a grid, with its EAN-GSRN, PRM or POD in code. vat_rate: share, 0.06 is 6 %.';

ALTER TABLE public.supply_point ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.supply_point_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tender (
    id integer NOT NULL,
    organisation_id integer NOT NULL,
    name text NOT NULL,
    carrier text NOT NULL,
    regions text[] NOT NULL,
    timezone text NOT NULL,
    currency text NOT NULL,
    delivery_starts_on date NOT NULL,
    term_months integer NOT NULL,
    minimum_cohort integer NOT NULL,
    bid_deadline timestamp with time zone NOT NULL,
    state text DEFAULT 'draft'::text NOT NULL,
    created_by integer NOT NULL,
    created_at timestamp with time zone NOT NULL,
    published_at timestamp with time zone,
    opened_at timestamp with time zone,
    CONSTRAINT tender_carrier_known CHECK ((carrier = ANY (ARRAY['electricity'::text, 'gas'::text, 'heat'::text, 'water'::text]))),
    CONSTRAINT tender_cohort_bounded CHECK (((minimum_cohort >= 1) AND (minimum_cohort <= 100000))),
    CONSTRAINT tender_currency_iso CHECK ((currency ~ '^[A-Z]{3}$'::text)),
    CONSTRAINT tender_name_given CHECK (((length(name) >= 1) AND (length(name) <= 200))),
    CONSTRAINT tender_regions_given CHECK ((cardinality(regions) > 0)),
    CONSTRAINT tender_state_known CHECK ((state = ANY (ARRAY['draft'::text, 'enrolling'::text, 'published'::text, 'bidding'::text, 'opened'::text, 'evaluated'::text, 'awarded'::text, 'in_force'::text, 'cancelled'::text]))),
    CONSTRAINT tender_term_bounded CHECK (((term_months >= 1) AND (term_months <= 120)))
);

COMMENT ON TABLE public.tender IS 'A call for bids of a coordinator''s organisation. regions: codes of one country, BE covers all of BE-…. timezone: civil days are cut in it. published_at, opened_at: null until then; bids are read by nobody but their supplier before opened_at.';

CREATE TABLE public.tender_award (
    tender_id integer NOT NULL,
    bid_id integer NOT NULL,
    awarded_at timestamp with time zone NOT NULL,
    awarded_by integer NOT NULL,
    reason text NOT NULL
);

COMMENT ON TABLE public.tender_award IS 'Which bid won, who decided so and why.';

CREATE TABLE public.tender_bid (
    id integer NOT NULL,
    tender_id integer NOT NULL,
    supplier_id integer NOT NULL,
    submitted_by integer NOT NULL,
    received_at timestamp with time zone NOT NULL,
    price_nano_per_kwh bigint NOT NULL,
    annual_fee_micro bigint NOT NULL,
    currency text NOT NULL,
    term_months integer NOT NULL,
    green_millionths integer NOT NULL,
    valid_until timestamp with time zone NOT NULL,
    salt text NOT NULL,
    receipt text NOT NULL,
    CONSTRAINT tender_bid_fee_not_negative CHECK ((annual_fee_micro >= 0)),
    CONSTRAINT tender_bid_green_share CHECK (((green_millionths >= 0) AND (green_millionths <= 1000000))),
    CONSTRAINT tender_bid_price_positive CHECK ((price_nano_per_kwh > 0))
);

COMMENT ON TABLE public.tender_bid IS 'A supplier''s offer: nano-units of currency per kWh and micro-units per supply point and year, without VAT. salt: random, so that a receipt, which the log shows, is not found by trying prices. receipt: SHA-256 of the canonical bid with its salt. All stay on record; of each supplier the last before the deadline counts.';

ALTER TABLE public.tender_bid ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tender_bid_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tender_dossier (
    tender_id integer NOT NULL,
    published_at timestamp with time zone NOT NULL,
    hash text NOT NULL,
    text text NOT NULL,
    profile_csv text NOT NULL
);

COMMENT ON TABLE public.tender_dossier IS 'What suppliers price, as published. text: canonical JSON with its hash; profile_csv: the aggregated quarter-hours, whose SHA-256 the text names.';

CREATE TABLE public.tender_event (
    tender_id integer NOT NULL,
    sequence integer NOT NULL,
    previous_hash text NOT NULL,
    text text NOT NULL,
    hash text NOT NULL,
    CONSTRAINT tender_event_sequence_positive CHECK ((sequence > 0))
);

COMMENT ON TABLE public.tender_event IS 'The hash-chained log of a tender. text: canonical JSON kept byte for byte, the hash is over it and previous_hash.';

ALTER TABLE public.tender ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.tender_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

CREATE TABLE public.tender_participant (
    tender_id integer NOT NULL,
    building_id integer NOT NULL,
    carrier text NOT NULL,
    joined_at timestamp with time zone NOT NULL,
    joined_by integer NOT NULL,
    left_at timestamp with time zone,
    left_by integer,
    active boolean DEFAULT true NOT NULL,
    CONSTRAINT tender_participant_left_complete CHECK (((left_at IS NULL) = (left_by IS NULL))),
    CONSTRAINT tender_participant_left_is_inactive CHECK (((left_at IS NULL) OR (NOT active)))
);

COMMENT ON TABLE public.tender_participant IS 'Which building takes part, from when until when. active: it may not join another tender of the carrier; ends when it leaves and when the tender is in force or cancelled.';

CREATE TABLE public.tender_supply_point (
    tender_id integer NOT NULL,
    supply_point_id integer NOT NULL,
    building_id integer NOT NULL,
    grid_operator text NOT NULL,
    kind text NOT NULL,
    first_day date NOT NULL,
    quarters bytea NOT NULL,
    statuses bytea NOT NULL,
    measured_wh bigint NOT NULL,
    annual_wh bigint NOT NULL,
    basis_days integer NOT NULL,
    year_to date NOT NULL,
    current_supplier text NOT NULL,
    current_price_nano_per_kwh bigint NOT NULL,
    current_annual_fee_micro bigint NOT NULL,
    current_vat_millionths integer NOT NULL,
    current_green_millionths integer,
    CONSTRAINT tender_supply_point_aligned CHECK ((octet_length(quarters) = (4 * octet_length(statuses))))
);

COMMENT ON TABLE public.tender_supply_point IS 'The snapshot behind a dossier, frozen at publication. year_to: the civil day after the year that annual_wh and basis_days are of. quarters: little-endian int4 Wh (gas, water: l) from first_day (UTC) on, statuses a byte each. current_*: the contract of that day, in the tender''s currency; current_vat_millionths: the VAT that its amounts contain, 0 when without.';

CREATE TABLE public.unallocated (
    register_id integer NOT NULL,
    from_at timestamp with time zone NOT NULL,
    to_at timestamp with time zone NOT NULL,
    energy bigint NOT NULL,
    cause text NOT NULL,
    CONSTRAINT unallocated_cause_known CHECK ((cause = ANY (ARRAY['gap'::text, 'partial'::text, 'glitch'::text, 'reset'::text, 'rollover'::text, 'swap'::text, 'spike'::text, 'index_drop'::text, 'implausible'::text]))),
    CONSTRAINT unallocated_forward CHECK ((to_at > from_at))
);

COMMENT ON TABLE public.unallocated IS 'Energy that was metered but belongs to no quarter-hour: Wh (gas and water: l) between two instants, and why. A rollover or swap whose energy is known has a row of what the index fell by on top, so that all rows and quarter-hours add up to the difference of the index.';

CREATE TABLE public.unit (
    id integer NOT NULL,
    building_id integer NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    CONSTRAINT unit_kind_known CHECK ((kind = ANY (ARRAY['dwelling'::text, 'common'::text, 'other'::text])))
);

COMMENT ON TABLE public.unit IS 'A dwelling, or the common parts, of a building.';

ALTER TABLE public.unit ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.unit_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

ALTER TABLE ONLY public.account_building
    ADD CONSTRAINT account_building_pk PRIMARY KEY (account_id, building_id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_email_unique UNIQUE (email);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_hash_unique UNIQUE (token_hash);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.broker
    ADD CONSTRAINT broker_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.building
    ADD CONSTRAINT building_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.calorific_value
    ADD CONSTRAINT calorific_value_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.calorific_value
    ADD CONSTRAINT calorific_value_version_unique UNIQUE (zone, from_on, version);

ALTER TABLE ONLY public.connector_holder
    ADD CONSTRAINT connector_holder_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.connector
    ADD CONSTRAINT connector_pk PRIMARY KEY (device_id);

ALTER TABLE ONLY public.connector_state
    ADD CONSTRAINT connector_state_pk PRIMARY KEY (device_id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_start_unique UNIQUE (supply_point_id, starts_on);

ALTER TABLE ONLY public.device_change
    ADD CONSTRAINT device_change_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.device_command
    ADD CONSTRAINT device_command_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.device_credential
    ADD CONSTRAINT device_credential_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.device_fact
    ADD CONSTRAINT device_fact_pk PRIMARY KEY (device_id, key);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.device_supply_point
    ADD CONSTRAINT device_supply_point_pk PRIMARY KEY (device_id, supply_point_id);

ALTER TABLE ONLY public.dismissed_swap
    ADD CONSTRAINT dismissed_swap_pk PRIMARY KEY (old_register_id, new_register_id);

ALTER TABLE ONLY public.estimate_due
    ADD CONSTRAINT estimate_due_pk PRIMARY KEY (register_id, day);

ALTER TABLE ONLY public.estimated_day
    ADD CONSTRAINT estimated_day_pk PRIMARY KEY (register_id, day);

ALTER TABLE ONLY public.import_day
    ADD CONSTRAINT import_day_pk PRIMARY KEY (import_id, supply_point_id, direction, day);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_pk PRIMARY KEY (import_id, place);

ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.imported_day
    ADD CONSTRAINT imported_day_pk PRIMARY KEY (supply_point_id, direction, day);

ALTER TABLE ONLY public.journal
    ADD CONSTRAINT journal_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.layout
    ADD CONSTRAINT layout_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.layout
    ADD CONSTRAINT layout_unique UNIQUE (device_id, register_ids);

ALTER TABLE ONLY public.load_change
    ADD CONSTRAINT load_change_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.load_profile_day
    ADD CONSTRAINT load_profile_day_pk PRIMARY KEY (register_id, day);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.migration
    ADD CONSTRAINT migration_pk PRIMARY KEY (number);

ALTER TABLE ONLY public.organisation
    ADD CONSTRAINT organisation_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.policy_deletion
    ADD CONSTRAINT policy_deletion_pk PRIMARY KEY (policy, device_id, day);

ALTER TABLE ONLY public.publication_part
    ADD CONSTRAINT publication_part_pk PRIMARY KEY (tender_id, building_id, month);

ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.register_assignment
    ADD CONSTRAINT register_assignment_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.register_decision
    ADD CONSTRAINT register_decision_pk PRIMARY KEY (register_id, from_at, to_at);

ALTER TABLE ONLY public.register
    ADD CONSTRAINT register_name_unique UNIQUE (device_id, name, equipment_id);

ALTER TABLE ONLY public.register
    ADD CONSTRAINT register_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.register_ruling
    ADD CONSTRAINT register_ruling_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_pk PRIMARY KEY (token_hash);

ALTER TABLE ONLY public.supply_point
    ADD CONSTRAINT supply_point_code_unique UNIQUE (code);

ALTER TABLE ONLY public.supply_point
    ADD CONSTRAINT supply_point_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.tender_award
    ADD CONSTRAINT tender_award_pk PRIMARY KEY (tender_id);

ALTER TABLE ONLY public.tender_bid
    ADD CONSTRAINT tender_bid_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.tender_dossier
    ADD CONSTRAINT tender_dossier_pk PRIMARY KEY (tender_id);

ALTER TABLE ONLY public.tender_event
    ADD CONSTRAINT tender_event_pk PRIMARY KEY (tender_id, sequence);

ALTER TABLE ONLY public.tender_participant
    ADD CONSTRAINT tender_participant_pk PRIMARY KEY (tender_id, building_id, joined_at);

ALTER TABLE ONLY public.tender
    ADD CONSTRAINT tender_pk PRIMARY KEY (id);

ALTER TABLE ONLY public.tender_supply_point
    ADD CONSTRAINT tender_supply_point_pk PRIMARY KEY (tender_id, supply_point_id);

ALTER TABLE ONLY public.unallocated
    ADD CONSTRAINT unallocated_pk PRIMARY KEY (register_id, from_at, cause);

ALTER TABLE ONLY public.unit
    ADD CONSTRAINT unit_name_unique UNIQUE (building_id, name);

ALTER TABLE ONLY public.unit
    ADD CONSTRAINT unit_pk PRIMARY KEY (id);

CREATE INDEX account_building_by_building ON public.account_building USING btree (building_id);

CREATE INDEX account_by_organisation ON public.account USING btree (organisation_id);

CREATE INDEX api_token_by_account ON public.api_token USING btree (account_id);

CREATE INDEX building_by_organisation ON public.building USING btree (organisation_id);

CREATE INDEX connector_state_by_holder ON public.connector_state USING btree (holder) WHERE (holder IS NOT NULL);

CREATE INDEX consent_by_supply_point ON public.consent USING btree (supply_point_id, purpose);

CREATE INDEX device_by_building ON public.device USING btree (building_id, id);

CREATE INDEX device_change_by_age ON public.device_change USING btree (changed_at);

CREATE INDEX device_change_by_transaction ON public.device_change USING btree (transaction);

CREATE INDEX device_command_by_device ON public.device_command USING btree (device_id, id DESC);

CREATE INDEX device_command_waiting ON public.device_command USING btree (device_id, id) WHERE (state = ANY (ARRAY['pending'::text, 'sent'::text]));

CREATE INDEX device_connected_by ON public.device USING btree (connected_by) WHERE (connected_by IS NOT NULL);

CREATE INDEX device_credential_by_device ON public.device_credential USING btree (device_id);

CREATE UNIQUE INDEX device_external_id_unique ON public.device USING btree (parent_id, external_id) WHERE (removed_at IS NULL);

CREATE INDEX device_supply_point_by_supply_point ON public.device_supply_point USING btree (supply_point_id);

CREATE INDEX estimate_due_by_time ON public.estimate_due USING btree (not_before);

CREATE INDEX import_by_account ON public.import USING btree (created_by);

CREATE INDEX import_staged ON public.import USING btree (id) WHERE (state = 'staged'::text);

CREATE INDEX journal_due ON public.journal USING btree (not_before);

CREATE INDEX load_change_by_register ON public.load_change USING btree (register_id, day) WHERE (register_id IS NOT NULL);

CREATE INDEX load_change_by_supply_point ON public.load_change USING btree (supply_point_id, day) WHERE (supply_point_id IS NOT NULL);

CREATE INDEX meter_swap_by_new_assignment ON public.meter_swap USING btree (new_assignment_id);

CREATE INDEX meter_swap_by_old_assignment ON public.meter_swap USING btree (old_assignment_id);

CREATE INDEX meter_swap_by_supply_point ON public.meter_swap USING btree (supply_point_id, swapped_at);

CREATE INDEX quarantine_by_age ON public.quarantine USING btree (received_at);

CREATE INDEX quarantine_by_device ON public.quarantine USING btree (device_id, received_at DESC);

CREATE INDEX quarantine_replay_due ON public.quarantine USING btree (replay_requested_at) WHERE (replay_requested_at IS NOT NULL);

CREATE INDEX quarantine_unclaimed ON public.quarantine USING btree (device_id, external_id, id DESC) WHERE ((reason = 'device_unclaimed'::text) AND (replayed_at IS NULL));

CREATE UNIQUE INDEX reading_identity ON public.reading USING btree (device_id, observed_at, layout_id, fingerprint);

CREATE INDEX register_assignment_by_register ON public.register_assignment USING btree (register_id);

CREATE INDEX register_assignment_by_supply_point ON public.register_assignment USING btree (supply_point_id);

CREATE INDEX register_assignment_with_values ON public.register_assignment USING btree (register_id) WHERE starts_with_values;

CREATE INDEX register_decision_unit_slip ON public.register_decision USING btree (register_id, to_at) WHERE ((evidence ->> 'rule'::text) = ANY (ARRAY['unit slip'::text, 'unit slip over'::text]));

CREATE INDEX register_ruling_in_force ON public.register_ruling USING btree (register_id) WHERE (withdrawn_at IS NULL);

CREATE INDEX session_by_account ON public.session USING btree (account_id);

CREATE INDEX supply_point_by_building ON public.supply_point USING btree (building_id, id);

CREATE INDEX supply_point_by_unit ON public.supply_point USING btree (unit_id);

CREATE INDEX tender_bid_by_tender ON public.tender_bid USING btree (tender_id);

CREATE INDEX tender_by_organisation ON public.tender USING btree (organisation_id);

CREATE INDEX tender_participant_by_tender ON public.tender_participant USING btree (tender_id);

CREATE UNIQUE INDEX tender_participant_once ON public.tender_participant USING btree (building_id, carrier) WHERE active;

CREATE TRIGGER calorific_value_append_only BEFORE DELETE OR UPDATE ON public.calorific_value FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER device_access_changed AFTER UPDATE OF building_id, profile, expected_interval_s, parent_id, external_id, removed_at, certificates_from ON public.device FOR EACH ROW WHEN ((((((((old.building_id IS DISTINCT FROM new.building_id) OR (old.profile IS DISTINCT FROM new.profile)) OR (old.expected_interval_s IS DISTINCT FROM new.expected_interval_s)) OR (old.parent_id IS DISTINCT FROM new.parent_id)) OR (old.external_id IS DISTINCT FROM new.external_id)) OR (old.removed_at IS DISTINCT FROM new.removed_at)) OR (old.certificates_from IS DISTINCT FROM new.certificates_from))) EXECUTE FUNCTION public.note_device_access();

CREATE TRIGGER device_claimed AFTER INSERT ON public.device FOR EACH ROW WHEN ((new.parent_id IS NOT NULL)) EXECUTE FUNCTION public.note_device_access();

CREATE TRIGGER device_command_added AFTER INSERT ON public.device_command FOR EACH ROW EXECUTE FUNCTION public.note_device_command();

CREATE TRIGGER device_credential_changed AFTER INSERT OR UPDATE ON public.device_credential FOR EACH ROW EXECUTE FUNCTION public.note_device_access();

CREATE TRIGGER device_supply_point_same_building BEFORE INSERT OR UPDATE ON public.device_supply_point FOR EACH ROW EXECUTE FUNCTION public.refuse_foreign_supply_point();

CREATE TRIGGER publication_part_append_only BEFORE DELETE OR UPDATE ON public.publication_part FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER register_assignment_added AFTER INSERT ON public.register_assignment REFERENCING NEW TABLE AS assigned FOR EACH STATEMENT EXECUTE FUNCTION public.restale_by_assignments();

CREATE TRIGGER register_assignment_no_overlap BEFORE INSERT OR UPDATE ON public.register_assignment FOR EACH ROW EXECUTE FUNCTION public.register_assignment_refuse_overlap();

CREATE TRIGGER register_assignment_rule_changed AFTER DELETE OR UPDATE OF register_id, supply_point_id ON public.register_assignment FOR EACH ROW EXECUTE FUNCTION public.restale_by_assignment();

CREATE TRIGGER register_assignment_same_building BEFORE INSERT OR UPDATE ON public.register_assignment FOR EACH ROW EXECUTE FUNCTION public.refuse_foreign_supply_point();

CREATE TRIGGER register_rule_changed AFTER UPDATE OF unit, carrier, quantity, interpolate_max_s, max_per_hour ON public.register FOR EACH ROW WHEN ((((((old.unit IS DISTINCT FROM new.unit) OR (old.carrier IS DISTINCT FROM new.carrier)) OR (old.quantity IS DISTINCT FROM new.quantity)) OR (old.interpolate_max_s IS DISTINCT FROM new.interpolate_max_s)) OR (old.max_per_hour IS DISTINCT FROM new.max_per_hour))) EXECUTE FUNCTION public.restale_by_register();

CREATE TRIGGER register_ruling_changed AFTER INSERT OR UPDATE OF withdrawn_at ON public.register_ruling FOR EACH ROW EXECUTE FUNCTION public.restale_by_ruling();

CREATE TRIGGER supply_point_rule_changed AFTER UPDATE OF connection_kva ON public.supply_point FOR EACH ROW WHEN ((old.connection_kva IS DISTINCT FROM new.connection_kva)) EXECUTE FUNCTION public.restale_by_supply_point();

CREATE TRIGGER tender_award_append_only BEFORE DELETE OR UPDATE ON public.tender_award FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tender_bid_append_only BEFORE DELETE OR UPDATE ON public.tender_bid FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tender_dossier_append_only BEFORE DELETE OR UPDATE ON public.tender_dossier FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tender_event_append_only BEFORE DELETE OR UPDATE ON public.tender_event FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER tender_supply_point_append_only BEFORE DELETE OR UPDATE ON public.tender_supply_point FOR EACH ROW EXECUTE FUNCTION public.refuse_change();

CREATE TRIGGER ts_insert_blocker BEFORE INSERT ON public.reading FOR EACH ROW EXECUTE FUNCTION _timescaledb_functions.insert_blocker();

ALTER TABLE ONLY public.account_building
    ADD CONSTRAINT account_building_account_fk FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.account_building
    ADD CONSTRAINT account_building_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_organisation_fk FOREIGN KEY (organisation_id) REFERENCES public.organisation(id);

ALTER TABLE ONLY public.account
    ADD CONSTRAINT account_unit_fk FOREIGN KEY (unit_id) REFERENCES public.unit(id);

ALTER TABLE ONLY public.api_token
    ADD CONSTRAINT api_token_account_fk FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.building
    ADD CONSTRAINT building_organisation_fk FOREIGN KEY (organisation_id) REFERENCES public.organisation(id);

ALTER TABLE ONLY public.calorific_value
    ADD CONSTRAINT calorific_value_recorded_by_fk FOREIGN KEY (recorded_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.connector
    ADD CONSTRAINT connector_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.connector_state
    ADD CONSTRAINT connector_state_connector_fk FOREIGN KEY (device_id) REFERENCES public.connector(device_id) ON DELETE CASCADE;

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_given_by_fk FOREIGN KEY (given_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.consent
    ADD CONSTRAINT consent_withdrawn_by_fk FOREIGN KEY (withdrawn_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.contract
    ADD CONSTRAINT contract_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);

ALTER TABLE ONLY public.device_change
    ADD CONSTRAINT device_change_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_command
    ADD CONSTRAINT device_command_created_by_fk FOREIGN KEY (created_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.device_command
    ADD CONSTRAINT device_command_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_credential
    ADD CONSTRAINT device_credential_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_fact
    ADD CONSTRAINT device_fact_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device
    ADD CONSTRAINT device_parent_fk FOREIGN KEY (parent_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_supply_point
    ADD CONSTRAINT device_supply_point_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.device_supply_point
    ADD CONSTRAINT device_supply_point_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.dismissed_swap
    ADD CONSTRAINT dismissed_swap_by_fk FOREIGN KEY (dismissed_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.dismissed_swap
    ADD CONSTRAINT dismissed_swap_new_register_fk FOREIGN KEY (new_register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.dismissed_swap
    ADD CONSTRAINT dismissed_swap_old_register_fk FOREIGN KEY (old_register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.estimate_due
    ADD CONSTRAINT estimate_due_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.estimated_day
    ADD CONSTRAINT estimated_day_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_created_by_fk FOREIGN KEY (created_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.import_day
    ADD CONSTRAINT import_day_import_fk FOREIGN KEY (import_id) REFERENCES public.import(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import_day
    ADD CONSTRAINT import_day_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.import_file
    ADD CONSTRAINT import_file_import_fk FOREIGN KEY (import_id) REFERENCES public.import(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.import
    ADD CONSTRAINT import_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.imported_day
    ADD CONSTRAINT imported_day_import_fk FOREIGN KEY (import_id) REFERENCES public.import(id);

ALTER TABLE ONLY public.imported_day
    ADD CONSTRAINT imported_day_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.layout
    ADD CONSTRAINT layout_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.load_change
    ADD CONSTRAINT load_change_import_fk FOREIGN KEY (import_id) REFERENCES public.import(id);

ALTER TABLE ONLY public.load_change
    ADD CONSTRAINT load_change_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.load_change
    ADD CONSTRAINT load_change_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.load_profile_day
    ADD CONSTRAINT load_profile_day_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_closing_ruling_fk FOREIGN KEY (closing_ruling_id) REFERENCES public.register_ruling(id);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_new_assignment_fk FOREIGN KEY (new_assignment_id) REFERENCES public.register_assignment(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_new_register_fk FOREIGN KEY (new_register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_old_assignment_fk FOREIGN KEY (old_assignment_id) REFERENCES public.register_assignment(id) ON DELETE SET NULL;

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_old_register_fk FOREIGN KEY (old_register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_opening_ruling_fk FOREIGN KEY (opening_ruling_id) REFERENCES public.register_ruling(id);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_recorded_by_fk FOREIGN KEY (recorded_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.meter_swap
    ADD CONSTRAINT meter_swap_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.publication_part
    ADD CONSTRAINT publication_part_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);

ALTER TABLE ONLY public.publication_part
    ADD CONSTRAINT publication_part_dossier_fk FOREIGN KEY (tender_id) REFERENCES public.tender_dossier(tender_id);

ALTER TABLE ONLY public.quarantine
    ADD CONSTRAINT quarantine_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.register_assignment
    ADD CONSTRAINT register_assignment_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.register_assignment
    ADD CONSTRAINT register_assignment_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.register_decision
    ADD CONSTRAINT register_decision_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.register_decision
    ADD CONSTRAINT register_decision_ruling_fk FOREIGN KEY (ruling_id) REFERENCES public.register_ruling(id);

ALTER TABLE ONLY public.register
    ADD CONSTRAINT register_device_fk FOREIGN KEY (device_id) REFERENCES public.device(id);

ALTER TABLE ONLY public.register_ruling
    ADD CONSTRAINT register_ruling_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.register_ruling
    ADD CONSTRAINT register_ruling_ruled_by_fk FOREIGN KEY (ruled_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.register_ruling
    ADD CONSTRAINT register_ruling_withdrawn_by_fk FOREIGN KEY (withdrawn_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.session
    ADD CONSTRAINT session_account_fk FOREIGN KEY (account_id) REFERENCES public.account(id) ON DELETE CASCADE;

ALTER TABLE ONLY public.supply_point
    ADD CONSTRAINT supply_point_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);

ALTER TABLE ONLY public.supply_point
    ADD CONSTRAINT supply_point_unit_fk FOREIGN KEY (unit_id) REFERENCES public.unit(id);

ALTER TABLE ONLY public.tender_award
    ADD CONSTRAINT tender_award_awarded_by_fk FOREIGN KEY (awarded_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.tender_award
    ADD CONSTRAINT tender_award_bid_fk FOREIGN KEY (bid_id) REFERENCES public.tender_bid(id);

ALTER TABLE ONLY public.tender_award
    ADD CONSTRAINT tender_award_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.tender_bid
    ADD CONSTRAINT tender_bid_submitted_by_fk FOREIGN KEY (submitted_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.tender_bid
    ADD CONSTRAINT tender_bid_supplier_fk FOREIGN KEY (supplier_id) REFERENCES public.organisation(id);

ALTER TABLE ONLY public.tender_bid
    ADD CONSTRAINT tender_bid_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.tender
    ADD CONSTRAINT tender_created_by_fk FOREIGN KEY (created_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.tender_dossier
    ADD CONSTRAINT tender_dossier_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.tender_event
    ADD CONSTRAINT tender_event_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.tender
    ADD CONSTRAINT tender_organisation_fk FOREIGN KEY (organisation_id) REFERENCES public.organisation(id);

ALTER TABLE ONLY public.tender_participant
    ADD CONSTRAINT tender_participant_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);

ALTER TABLE ONLY public.tender_participant
    ADD CONSTRAINT tender_participant_joined_by_fk FOREIGN KEY (joined_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.tender_participant
    ADD CONSTRAINT tender_participant_left_by_fk FOREIGN KEY (left_by) REFERENCES public.account(id);

ALTER TABLE ONLY public.tender_participant
    ADD CONSTRAINT tender_participant_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.tender_supply_point
    ADD CONSTRAINT tender_supply_point_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);

ALTER TABLE ONLY public.tender_supply_point
    ADD CONSTRAINT tender_supply_point_supply_point_fk FOREIGN KEY (supply_point_id) REFERENCES public.supply_point(id);

ALTER TABLE ONLY public.tender_supply_point
    ADD CONSTRAINT tender_supply_point_tender_fk FOREIGN KEY (tender_id) REFERENCES public.tender(id);

ALTER TABLE ONLY public.unallocated
    ADD CONSTRAINT unallocated_register_fk FOREIGN KEY (register_id) REFERENCES public.register(id);

ALTER TABLE ONLY public.unit
    ADD CONSTRAINT unit_building_fk FOREIGN KEY (building_id) REFERENCES public.building(id);
