-- Gas in cubic metres becomes energy by what the network says that a cubic metre holds: dated, by zone, in versions.

alter table building
  add column gas_zone text,
  add constraint building_gas_zone_form check (gas_zone ~ '^[A-Z0-9-]{2,32}$');
comment on column building.gas_zone is
  'The gas network''s zone, by which its calorific values are published; null: region, then country.';

create table calorific_value (
  id integer generated always as identity,
  zone text not null,
  from_on date not null,
  version integer not null,
  kwh_per_m3 numeric(8, 5) not null,
  source text not null,
  recorded_by integer not null,
  recorded_at timestamptz not null,
  constraint calorific_value_pk primary key (id),
  constraint calorific_value_version_unique unique (zone, from_on, version),
  constraint calorific_value_recorded_by_fk foreign key (recorded_by) references account (id),
  constraint calorific_value_zone_form check (zone ~ '^[A-Z0-9-]{2,32}$'),
  constraint calorific_value_plausible check (kwh_per_m3 between 5 and 15),
  constraint calorific_value_source_given check (length(source) between 1 and 500)
);
comment on table calorific_value is
  'Gross calorific value of gas, kWh per m3 as metered, of a zone (gas zone, region or country) from a civil date until the next one begins. Rows are only added: the highest version of a date counts.';
create trigger calorific_value_append_only
before update or delete on calorific_value
for each row execute function refuse_change();
