// Imports as their owners see them: a list, and one.
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "../directory/scope.ts";
import type { ImportChange } from "./changes.ts";
import { withheldFrom, type SeenChange } from "./withheld-from.ts";

export type ImportState = "staged" | "previewed" | "committing" | "committed" | "failed";

/** A row of a file that could not be read; line 0: the file as a whole. */
export type ImportError = {
  readonly line: number;
  readonly column: string | null;
  readonly code: string;
  readonly detail: string;
};

export type ImportRow = {
  readonly id: number;
  readonly format: string;
  readonly fileName: string;
  readonly fileHash: Buffer;
  /** The one that was chosen for the whole file. */
  readonly supplyPointId: number | null;
  readonly state: ImportState;
  readonly createdAt: Date;
  readonly committedAt: Date | null;
  readonly rowsRead: number;
  readonly rowsRefused: number;
  readonly bytesTotal: number;
  /** How far it was read; all of it, or less when reading ended at a fault of the file. */
  readonly bytesRead: number;
  /** The first hundred. */
  readonly errors: readonly ImportError[];
  /** What was decided for the file as a whole, in sentences. */
  readonly notes: readonly string[];
  /** As the viewer may see it now. */
  readonly preview: readonly SeenChange[];
};

type StoredImport = Omit<ImportRow, "preview"> & { readonly preview: readonly ImportChange[] };

const COLUMNS = `
  i.id, i.format, i.file_name as "fileName", i.file_hash as "fileHash", i.supply_point_id as "supplyPointId", i.state,
  i.created_at as "createdAt", i.committed_at as "committedAt", i.rows_read as "rowsRead",
  i.rows_refused as "rowsRefused", i.errors,
  i.notes, i.bytes_total as "bytesTotal", i.bytes_read as "bytesRead"`;

/** Administrators see all, everybody else his own. */
const OWN = `
  from import i
  cross join viewer v
  where (v.role = 'admin' or i.created_by = v.account_id)`;

/** Previews come without their days, which only `findImport` brings: a page of them would be large. */
export async function listImports(db: Db, scope: Scope, page: PageRequest): Promise<Page<ImportRow>> {
  const rows = await scoped<StoredImport>(
    db,
    scope,
    `
    select ${COLUMNS},
      coalesce(
        (
          select jsonb_agg(change || '{"days": [], "truncated": true}' order by place)
          from jsonb_array_elements(i.preview) with ordinality as c (change, place)
        ),
        '[]'
      ) as preview
    ${OWN}
      and ($2 = 0 or i.id < $2)
    order by i.id desc
    limit $3`,
    [page.after, page.limit + 1],
  );
  const { items, next } = pageOf(rows, page.limit);
  return { items: await withheldFrom(db, scope, items), next };
}

export async function findImport(db: Db, scope: Scope, id: number): Promise<ImportRow | undefined> {
  const rows = await scoped<StoredImport>(
    db,
    scope,
    `select ${COLUMNS}, coalesce(i.preview, '[]') as preview ${OWN} and i.id = $2`,
    [id],
  );
  const [row] = await withheldFrom(db, scope, rows);
  return row;
}
