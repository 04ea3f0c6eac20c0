// Organisations: the association, coordinators, syndics and suppliers.
import type { Db } from "../pool.ts";
import { pageOf, scoped, type Page, type PageRequest, type Scope } from "./scope.ts";

export type OrganisationKind = "association" | "coordinator" | "syndic" | "supplier";
export type Organisation = {
  readonly id: number;
  readonly name: string;
  readonly kind: OrganisationKind;
  readonly createdAt: Date;
};

const COLUMNS = `o.id, o.name, o.kind, o.created_at as "createdAt"`;

export async function listOrganisations(
  db: Db,
  scope: Scope,
  page: PageRequest,
): Promise<Page<Organisation>> {
  const rows = await scoped<Organisation>(
    db,
    scope,
    `
    select ${COLUMNS}
    from organisation o
    join seen_organisation using (id)
    where o.id > $2
    order by o.id
    limit $3`,
    [page.after, page.limit + 1],
  );
  return pageOf(rows, page.limit);
}

/** Only an administrator's scope creates one: for anybody else no row comes back. */
export async function createOrganisation(
  db: Db,
  scope: Scope,
  organisation: { name: string; kind: OrganisationKind },
): Promise<Organisation | undefined> {
  const [row] = await scoped<Organisation>(
    db,
    scope,
    `
    insert into organisation as o (name, kind)
    select $2, $3
    from viewer v
    where v.role = 'admin'
    returning ${COLUMNS}`,
    [organisation.name, organisation.kind],
  );
  return row;
}
