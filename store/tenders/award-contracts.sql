-- $1 tender, $2 supply points, $3 first day, $4 first day after, $5 supplier, $6 nano per kWh, $7 micro per year, $8 currency,
-- $9 green share in millionths, $10 now. What was in force ends where the new contract begins.
with ended as (
  update contract
  set ends_on = $3::date, recorded_at = $10
  where supply_point_id = any ($2::integer[])
    and starts_on < $3::date
    and (ends_on is null or ends_on > $3::date)
)
insert into contract (
  supply_point_id, supplier, price_nano_per_kwh, annual_fee_micro, currency, vat, starts_on, ends_on, notice_days,
  recorded_at, green_millionths, tender_id
)
select id, $5, $6::bigint, $7::bigint, $8, 'excluded', $3::date, $4::date, 0, $10, $9::integer, $1::integer
from unnest($2::integer[]) as id
