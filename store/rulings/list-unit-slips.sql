-- $1 registers, $2 from, $3 to, parallel. Of the decisions by which a unit slips, and by which it is the right one again (SLIP_RULES):
-- those within each span, and $4 on either side of it; oldest first. A span is open at its begin.
select
  d.register_id,
  (extract(epoch from d.from_at) * 1000)::float8 as from_ms,
  (extract(epoch from d.to_at) * 1000)::float8 as to_ms,
  d.evidence
from (
  select distinct near.register_id, near.from_at, near.to_at
  from unnest($1::integer[], $2::timestamptz[], $3::timestamptz[]) as span (register_id, from_at, to_at)
  cross join lateral (
    (
      select b.register_id, b.from_at, b.to_at
      from register_decision b
      where b.register_id = span.register_id
        and b.to_at <= span.from_at
        and b.evidence ->> 'rule' in ('unit slip', 'unit slip over')
      order by b.to_at desc
      limit $4
    )
    union all
    (
      select w.register_id, w.from_at, w.to_at
      from register_decision w
      where w.register_id = span.register_id
        and w.to_at > span.from_at
        and w.to_at <= span.to_at
        and w.evidence ->> 'rule' in ('unit slip', 'unit slip over')
    )
    union all
    (
      select a.register_id, a.from_at, a.to_at
      from register_decision a
      where a.register_id = span.register_id
        and a.to_at > span.to_at
        and a.evidence ->> 'rule' in ('unit slip', 'unit slip over')
      order by a.to_at
      limit $4
    )
  ) near
) found
join register_decision d using (register_id, from_at, to_at)
order by d.to_at, d.from_at
