-- $1 account, $2 instant: previews from before it are given up, and the days that waited for their commit go.
with expired as (
  update import
  set
    state = 'failed',
    errors = jsonb_build_array(jsonb_build_object(
      'line', 0,
      'column', null,
      'code', 'preview_expired',
      'detail', 'Nobody committed it within a week: send the file again.'
    ))
  where created_by = $1
    and state = 'previewed'
    and created_at < $2
  returning id
)
delete from import_day
where import_id in (select id from expired)
