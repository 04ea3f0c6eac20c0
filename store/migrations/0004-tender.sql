-- Buying as a group: tenders with their log, participants, frozen dossiers and bids; imported history; what a contract's mix is.

-- What a contract's supplier certifies, and the tender that it came from.
alter table contract add column green_millionths integer;
alter table contract add column tender_id integer;
alter table contract add constraint contract_green_share check (green_millionths between 0 and 1000000);
comment on column contract.green_millionths is 'Certified green share in millionths; null: nothing is certified or known.';

create table tender (
  id integer generated always as identity,
  organisation_id integer not null,
  name text not null,
  carrier text not null,
  regions text[] not null,
  timezone text not null,
  currency text not null,
  delivery_starts_on date not null,
  term_months integer not null,
  minimum_cohort integer not null,
  bid_deadline timestamptz not null,
  state text not null default 'draft',
  created_by integer not null,
  created_at timestamptz not null,
  published_at timestamptz,
  opened_at timestamptz,
  constraint tender_pk primary key (id),
  constraint tender_organisation_fk foreign key (organisation_id) references organisation (id),
  constraint tender_created_by_fk foreign key (created_by) references account (id),
  constraint tender_name_given check (length(name) between 1 and 200),
  constraint tender_carrier_known check (carrier in ('electricity', 'gas', 'heat', 'water')),
  constraint tender_regions_given check (cardinality(regions) > 0),
  constraint tender_currency_iso check (currency ~ '^[A-Z]{3}$'),
  constraint tender_term_bounded check (term_months between 1 and 120),
  constraint tender_cohort_bounded check (minimum_cohort between 1 and 100000),
  constraint tender_state_known check (
    state in ('draft', 'enrolling', 'published', 'bidding', 'opened', 'evaluated', 'awarded', 'in_force', 'cancelled')
  )
);
comment on table tender is
  'A call for bids of a coordinator''s organisation. regions: codes of one country, BE covers all of BE-…. timezone: civil days are cut in it. published_at, opened_at: null until then; bids are read by nobody but their supplier before opened_at.';
create index tender_by_organisation on tender (organisation_id);
alter table contract add constraint contract_tender_fk foreign key (tender_id) references tender (id);

create function refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
comment on function refuse_change is 'For tables whose rows are never changed nor deleted once they are there.';

create table tender_event (
  tender_id integer not null,
  sequence integer not null,
  previous_hash text not null,
  text text not null,
  hash text not null,
  constraint tender_event_pk primary key (tender_id, sequence),
  constraint tender_event_tender_fk foreign key (tender_id) references tender (id),
  constraint tender_event_sequence_positive check (sequence > 0)
);
comment on table tender_event is
  'The hash-chained log of a tender. text: canonical JSON kept byte for byte, the hash is over it and previous_hash.';
create trigger tender_event_append_only
before update or delete on tender_event
for each row execute function refuse_change();

create table tender_participant (
  tender_id integer not null,
  building_id integer not null,
  carrier text not null,
  joined_at timestamptz not null,
  joined_by integer not null,
  left_at timestamptz,
  left_by integer,
  active boolean not null default true,
  constraint tender_participant_pk primary key (tender_id, building_id, joined_at),
  constraint tender_participant_tender_fk foreign key (tender_id) references tender (id),
  constraint tender_participant_building_fk foreign key (building_id) references building (id),
  constraint tender_participant_joined_by_fk foreign key (joined_by) references account (id),
  constraint tender_participant_left_by_fk foreign key (left_by) references account (id),
  constraint tender_participant_left_complete check ((left_at is null) = (left_by is null)),
  constraint tender_participant_left_is_inactive check (left_at is null or not active)
);
comment on table tender_participant is
  'Which building takes part, from when until when. active: it may not join another tender of the carrier; ends when it leaves and when the tender is in force or cancelled.';
create unique index tender_participant_once on tender_participant (building_id, carrier) where active;
create index tender_participant_by_tender on tender_participant (tender_id);

create table tender_supply_point (
  tender_id integer not null,
  supply_point_id integer not null,
  building_id integer not null,
  grid_operator text not null,
  kind text not null,
  first_day date not null,
  quarters bytea not null,
  statuses bytea not null,
  measured_wh bigint not null,
  annual_wh bigint not null,
  basis_days integer not null,
  year_to date not null,
  current_supplier text not null,
  current_price_nano_per_kwh bigint not null,
  current_annual_fee_micro bigint not null,
  current_vat_millionths integer not null,
  current_green_millionths integer,
  constraint tender_supply_point_pk primary key (tender_id, supply_point_id),
  constraint tender_supply_point_tender_fk foreign key (tender_id) references tender (id),
  constraint tender_supply_point_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint tender_supply_point_building_fk foreign key (building_id) references building (id),
  constraint tender_supply_point_aligned check (octet_length(quarters) = 4 * octet_length(statuses))
);
comment on table tender_supply_point is
  'The snapshot behind a dossier, frozen at publication. year_to: the civil day after the year that annual_wh and basis_days are of. quarters: little-endian int4 Wh (gas, water: l) from first_day (UTC) on, statuses a byte each. current_*: the contract of that day, in the tender''s currency; current_vat_millionths: the VAT that its amounts contain, 0 when without.';
create trigger tender_supply_point_append_only
before update or delete on tender_supply_point
for each row execute function refuse_change();

create table tender_dossier (
  tender_id integer not null,
  published_at timestamptz not null,
  hash text not null,
  text text not null,
  profile_csv text not null,
  constraint tender_dossier_pk primary key (tender_id),
  constraint tender_dossier_tender_fk foreign key (tender_id) references tender (id)
);
comment on table tender_dossier is
  'What suppliers price, as published. text: canonical JSON with its hash; profile_csv: the aggregated quarter-hours, whose SHA-256 the text names.';
create trigger tender_dossier_append_only
before update or delete on tender_dossier
for each row execute function refuse_change();

create table publication_part (
  tender_id integer not null,
  building_id integer not null,
  month text not null,
  wh bigint not null,
  fingerprint text not null,
  present bytea not null,
  year_from date,
  year_to date,
  constraint publication_part_pk primary key (tender_id, building_id, month),
  constraint publication_part_dossier_fk foreign key (tender_id) references tender_dossier (tender_id),
  constraint publication_part_building_fk foreign key (building_id) references building (id),
  constraint publication_part_month_form check (month ~ '^([0-9]{4}-[0-9]{2}|year)$'),
  constraint publication_part_year_spans check (
    (month = 'year') = (year_from is not null and year_to is not null) and year_from < year_to
  )
);
comment on table publication_part is
  'What each participant put into each civil month of a published dossier, and (month ''year'', of the days from year_from to before year_to) into its annual volume: the gate before the next publication compares with it. present: its quarter-hours with a value that was shown; bit i of the month, the lowest of a byte first, is the i-th from the month''s first instant on; empty for the year. Never shown.';
create trigger publication_part_append_only
before update or delete on publication_part
for each row execute function refuse_change();

create table tender_bid (
  id integer generated always as identity,
  tender_id integer not null,
  supplier_id integer not null,
  submitted_by integer not null,
  received_at timestamptz not null,
  price_nano_per_kwh bigint not null,
  annual_fee_micro bigint not null,
  currency text not null,
  term_months integer not null,
  green_millionths integer not null,
  valid_until timestamptz not null,
  salt text not null,
  receipt text not null,
  constraint tender_bid_pk primary key (id),
  constraint tender_bid_tender_fk foreign key (tender_id) references tender (id),
  constraint tender_bid_supplier_fk foreign key (supplier_id) references organisation (id),
  constraint tender_bid_submitted_by_fk foreign key (submitted_by) references account (id),
  constraint tender_bid_price_positive check (price_nano_per_kwh > 0),
  constraint tender_bid_fee_not_negative check (annual_fee_micro >= 0),
  constraint tender_bid_green_share check (green_millionths between 0 and 1000000)
);
comment on table tender_bid is
  'A supplier''s offer: nano-units of currency per kWh and micro-units per supply point and year, without VAT. salt: random, so that a receipt, which the log shows, is not found by trying prices. receipt: SHA-256 of the canonical bid with its salt. All stay on record; of each supplier the last before the deadline counts.';
create index tender_bid_by_tender on tender_bid (tender_id);
create trigger tender_bid_append_only
before update or delete on tender_bid
for each row execute function refuse_change();

create table tender_award (
  tender_id integer not null,
  bid_id integer not null,
  awarded_at timestamptz not null,
  awarded_by integer not null,
  reason text not null,
  constraint tender_award_pk primary key (tender_id),
  constraint tender_award_tender_fk foreign key (tender_id) references tender (id),
  constraint tender_award_bid_fk foreign key (bid_id) references tender_bid (id),
  constraint tender_award_awarded_by_fk foreign key (awarded_by) references account (id)
);
comment on table tender_award is 'Which bid won, who decided so and why.';
create trigger tender_award_append_only
before update or delete on tender_award
for each row execute function refuse_change();

create table import (
  id integer generated always as identity,
  created_by integer not null,
  created_at timestamptz not null,
  format text not null,
  file_name text not null,
  file_hash bytea not null,
  supply_point_id integer,
  state text not null default 'staged',
  rows_read integer not null default 0,
  rows_refused integer not null default 0,
  errors jsonb not null default '[]',
  preview jsonb,
  committed_at timestamptz,
  constraint import_pk primary key (id),
  constraint import_created_by_fk foreign key (created_by) references account (id),
  constraint import_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint import_state_known check (state in ('staged', 'previewed', 'committing', 'committed', 'failed')),
  constraint import_file_hash_size check (octet_length(file_hash) = 32)
);
comment on table import is
  'A file of history that somebody brought. errors: rows that could not be read, with line and reason, at most the first hundred. preview: what would change.';
create index import_by_account on import (created_by);

create table import_day (
  import_id integer not null,
  supply_point_id integer not null,
  direction text not null,
  day date not null,
  quarters bytea not null,
  statuses bytea not null,
  resolution_s integer not null,
  constraint import_day_pk primary key (import_id, supply_point_id, direction, day),
  constraint import_day_import_fk foreign key (import_id) references import (id) on delete cascade,
  constraint import_day_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint import_day_direction_known check (direction in ('import', 'export'))
);
comment on table import_day is 'Staged: what a file says, packed as in imported_day; deleted when it is committed.';

create table imported_day (
  supply_point_id integer not null,
  direction text not null,
  day date not null,
  quarters bytea not null,
  statuses bytea not null,
  resolution_s integer not null,
  import_id integer not null,
  revision integer not null default 1,
  constraint imported_day_pk primary key (supply_point_id, direction, day),
  constraint imported_day_supply_point_fk foreign key (supply_point_id) references supply_point (id),
  constraint imported_day_import_fk foreign key (import_id) references import (id),
  constraint imported_day_direction_known check (direction in ('import', 'export')),
  constraint imported_day_quarters_size check (octet_length(quarters) = 4 * 96),
  constraint imported_day_statuses_size check (octet_length(statuses) = 96)
);
comment on table imported_day is
  'History of a supply point that came in files: a UTC day a row, packed as load_profile_day. A supply point''s load takes, quarter-hour by quarter-hour, the better of what its registers measured and of this. resolution_s: the longest interval of the file in that day; longer ones were spread evenly, their sum kept. revision grows when a byte changes.';
