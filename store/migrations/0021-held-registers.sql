-- Who assigns a register holds it as store/directory/hold-registers.ts does: what a worker writes of it refers to its key, which stays.

create or replace function register_assignment_refuse_overlap() returns trigger
language plpgsql as $$
begin
  perform 1 from register where id = new.register_id for no key update;
  if exists (
    select 1
    from register_assignment other
    where other.register_id = new.register_id
      and other.id <> new.id
      and other.starts_at < new.ends_at
      and other.ends_at > new.starts_at
  ) then
    raise exception 'register % is already assigned between % and %', new.register_id, new.starts_at, new.ends_at
      using errcode = 'exclusion_violation', constraint = 'register_assignment_no_overlap';
  end if;
  return new;
end
$$;
