-- Who withdrew a consent is kept with the role of that day: a role can change, and a decision stays whose it was.

alter table consent
  add column withdrawn_as text,
  add constraint consent_withdrawn_as_known
    check (withdrawn_as in ('admin', 'coordinator', 'manager', 'resident'));
comment on column consent.withdrawn_as is
  'Role of withdrawn_by at the withdrawal. What a manager or resident withdrew, nobody who only keeps the ledger gives again.';

update consent c
set withdrawn_as = a.role
from account a
where a.id = c.withdrawn_by
  and a.role <> 'supplier';
