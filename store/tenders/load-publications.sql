-- $1 carrier, $2 civil months. A row per publication, participant and month or year; publications in their order.
select
  p.tender_id as "tenderId",
  p.building_id as "participantId",
  p.month,
  p.wh::float8 as wh,
  p.fingerprint,
  p.present,
  p.year_from as "yearFrom",
  p.year_to as "yearTo"
from publication_part p
join tender t on t.id = p.tender_id
join tender_dossier d on d.tender_id = p.tender_id
where t.carrier = $1
  and (p.month = any ($2::text[]) or p.month = 'year')
order by d.published_at, p.tender_id, p.building_id, p.month
