-- $1 registers. The decisions by which a unit slips, and by which it is the right one again (SLIP_RULES), oldest first.
select
  d.register_id,
  (extract(epoch from d.from_at) * 1000)::float8 as from_ms,
  (extract(epoch from d.to_at) * 1000)::float8 as to_ms,
  d.evidence
from register_decision d
where d.register_id = any ($1::integer[])
  and d.evidence ->> 'rule' in ('unit slip', 'unit slip over')
order by d.to_at, d.from_at
