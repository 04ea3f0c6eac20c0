-- What changed about devices that the snapshot $1 did not see yet, and the snapshot that sees it. A commit that comes late
-- was still running in $1, however low its number: it is not visible there, so it is found here.
select
  pg_current_snapshot()::text as snapshot,
  coalesce(
    (
      select jsonb_agg(jsonb_build_object('deviceId', c.device_id, 'kind', c.kind) order by c.id)
      from device_change c
      where c.transaction >= pg_snapshot_xmin($1::pg_snapshot)
        and not pg_visible_in_snapshot(c.transaction, $1::pg_snapshot)
    ),
    '[]'
  ) as changes
