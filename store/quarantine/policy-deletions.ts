// What the declared policies have deleted, as far as the viewer may see what the devices measure.
import { scoped, type Scope } from "../directory/scope.ts";
import type { Db } from "../pool.ts";

export type PolicyDeletion = {
  readonly policy: "quarantine_expiry" | "quarantine_quota";
  readonly messages: number;
  /** Of payload. */
  readonly bytes: number;
  /** The UTC day on which it last deleted anything. */
  readonly lastDay: string;
};

/** One entry per policy that has deleted anything, of all days; of one device where the filter names it. */
export function policyDeletions(
  db: Db,
  scope: Scope,
  filter: { readonly deviceId: number | undefined },
): Promise<PolicyDeletion[]> {
  return scoped<PolicyDeletion>(
    db,
    scope,
    `
    select
      p.policy, sum(p.row_count)::float8 as messages, sum(p.byte_count)::float8 as bytes, max(p.day) as "lastDay"
    from policy_deletion p
    cross join viewer v
    where (v.role = 'admin' or exists (select 1 from seen_device s where s.id = p.device_id and s.measured))
      and ($2::integer is null or p.device_id = $2)
    group by p.policy
    order by p.policy`,
    [filter.deviceId ?? null],
  );
}
