-- Selects tenders as their viewer sees them, from t; the caller adds which.
select
  t.id,
  t.organisation_id as "organisationId",
  o.name as organisation,
  t.name,
  t.carrier,
  t.regions,
  t.timezone,
  t.currency,
  t.delivery_starts_on as "deliveryStartsOn",
  t.term_months as "termMonths",
  t.minimum_cohort as "minimumCohort",
  t.bid_deadline as "bidDeadline",
  t.state,
  t.created_at as "createdAt",
  t.published_at as "publishedAt",
  t.opened_at as "openedAt",
  (
    select count(*)::integer
    from tender_participant p
    where p.tender_id = t.id
      and p.left_at is null
  ) as participants,
  (
    select count(distinct b.supplier_id)::integer
    from tender_bid b
    where b.tender_id = t.id
      and b.received_at < t.bid_deadline
  ) as bidders,
  (select d.hash from tender_dossier d where d.tender_id = t.id) as "dossierHash",
  (
    select e.hash
    from seen_tender_event
    join tender_event e using (tender_id, sequence)
    where tender_id = t.id
    order by sequence desc
    limit 1
  ) as "logHead",
  (
    select json_build_object(
      'bidId', b.id,
      'supplierId', b.supplier_id,
      'supplier', s.name,
      'priceNanoPerKwh', b.price_nano_per_kwh::text,
      'annualFeeMicro', b.annual_fee_micro::text,
      'greenMillionths', b.green_millionths,
      'awardedAt', a.awarded_at,
      'reason', a.reason
    )
    from tender_award a
    join seen_bid seen on seen.id = a.bid_id
    join tender_bid b on b.id = a.bid_id
    join organisation s on s.id = b.supplier_id
    where a.tender_id = t.id
  ) as award
from seen_tender
join tender t on t.id = seen_tender.id
join organisation o on o.id = t.organisation_id
