-- $1 registers, $2 from, $3 to (exclusive), parallel: the decisions that touch each span, those about one reading too.
select distinct
  d.register_id,
  (extract(epoch from d.from_at) * 1000)::float8 as from_ms,
  (extract(epoch from d.to_at) * 1000)::float8 as to_ms,
  d.kind,
  d.from_index::text as from_index,
  d.to_index::text as to_index,
  d.ruling_id,
  d.evidence
from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) as w (register_id, from_at, to_at)
join register_decision d
  on d.register_id = w.register_id
  and d.from_at < w.to_at
  and (d.to_at > w.from_at or d.from_at = w.from_at)
