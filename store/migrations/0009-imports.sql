-- Files of history wait here until they are read, so that a process that ends while it reads loses none of them.

create table import_file (
  import_id integer not null,
  place integer not null,
  bytes bytea not null,
  constraint import_file_pk primary key (import_id, place),
  constraint import_file_import_fk foreign key (import_id) references import (id) on delete cascade,
  constraint import_file_bytes_size check (octet_length(bytes) between 1 and 1048576)
);
comment on table import_file is
  'A file of history while its import is staged: pieces of at most 1 MiB, place from 0; deleted when it was read to its end.';
alter table import_file alter column bytes set storage external;

alter table import
  add column bytes_total integer not null default 0,
  add column bytes_read integer not null default 0,
  add column reading_attempt integer not null default 0,
  add column reading_until timestamptz,
  add column notes jsonb not null default '[]';
comment on column import.bytes_total is 'Size of the file, bytes; bytes_read: how far it has been read.';
comment on column import.reading_attempt is 'Counts who began to read it: only the last one may say what was in it.';
comment on column import.reading_until is
  'Until when whoever reads it may be silent; later, or null, anybody begins again. Of no meaning but in state staged.';
comment on column import.notes is 'Sentences on what was decided for the file as a whole: which format, which encoding, what was left out.';
create index import_staged on import (id) where state = 'staged';
