-- $1 account; $2 how many of its previews stay, the newest; $3 format, $4 hash and $5 supply point of the file that comes: an
-- earlier preview of it goes as well. The days that waited for their commit go with them.
with counted as (
  select
    id,
    is_same,
    count(*) filter (where not is_same) over (order by id desc) as place
  from (
    select id, format = $3 and file_hash = $4 and supply_point_id is not distinct from $5 as is_same
    from import
    where created_by = $1
      and state = 'previewed'
  ) waiting
),
given_up as (
  update import i
  set
    state = 'failed',
    errors = jsonb_build_array(jsonb_build_object(
      'line', 0,
      'column', null,
      'code', 'preview_given_up',
      'detail', case
        when c.is_same then 'The same file was sent again: its newer preview has taken this one''s place.'
        else 'Newer files have taken its place, because only so many previews wait for a commit: send the file again.'
      end
    ))
  from counted c
  where i.id = c.id
    and (c.is_same or c.place > $2)
  returning i.id
)
delete from import_day
where import_id in (select id from given_up)
