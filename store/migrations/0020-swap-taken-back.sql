-- A swap that is taken back leaves the new meter as it was: where nobody had said when it begins, with its first value.

alter table meter_swap
  add column new_started_with_values boolean not null default false;
comment on column meter_swap.new_started_with_values is
  'The new register''s assignment began with its first value (register_assignment.starts_with_values) before this swap said when.';
