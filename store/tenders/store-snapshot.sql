-- $1 tender; $2 … $17 parallel, a supply point each.
insert into tender_supply_point (
  tender_id, supply_point_id, building_id, grid_operator, kind, first_day, quarters, statuses, measured_wh, annual_wh,
  basis_days, year_to, current_supplier, current_price_nano_per_kwh, current_annual_fee_micro, current_vat_millionths,
  current_green_millionths
)
select $1::integer, point.*
from unnest(
  $2::integer[], $3::integer[], $4::text[], $5::text[], $6::date[], $7::bytea[], $8::bytea[], $9::bigint[],
  $10::bigint[], $11::integer[], $12::date[], $13::text[], $14::bigint[], $15::bigint[], $16::integer[], $17::integer[]
) as point
