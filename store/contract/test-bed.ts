// What the contract's tests need of a store beside the pipeline's own calls: who there is, what a person says, and a look at all that is kept.
import type { Carrier, Direction, RegisterState } from "#devices/vocabulary";
import type {
  DayChange,
  DeviceContext,
  LoadLayer,
  LoadQuery,
  PipelineStore,
  ProfileDay,
  RegisterDays,
  RegisterDecision,
  Unallocated,
} from "#store";

export type Bed = {
  /** As one process has it. */
  readonly store: PipelineStore;
  readonly addSupplyPoint: (point: {
    readonly carrier: Carrier;
    readonly direction: Direction | "both";
    readonly connectionKva: number | null;
  }) => Promise<number>;
  readonly addDevice: (
    supplyPointIds: readonly number[],
    behind?: { readonly parentId: number; readonly externalId: string },
  ) => Promise<DeviceContext>;
  readonly addRuling: (ruling: {
    readonly registerId: number;
    readonly kind: RegisterState;
    readonly fromMs: number;
    readonly toMs: number;
    readonly closingIndex: string | null;
    readonly openingIndex: string | null;
  }) => Promise<void>;
  readonly loadSupplyPointDays: (
    supplyPointIds: readonly number[],
    query: LoadQuery,
  ) => Promise<RegisterDays[]>;
  /** As if every day of a profile had been computed so much earlier. */
  readonly computedEarlier: (byMs: number) => Promise<void>;
  readonly rows: () => Promise<Rows>;
};

type KeptDay = ProfileDay & { readonly revision: number };

/** All that is committed. */
export type Rows = {
  readonly registers: readonly {
    readonly id: number;
    readonly deviceId: number;
    readonly name: string;
    readonly equipmentId: string;
    readonly role: string | null;
    readonly supplyPointId: number | null;
  }[];
  readonly layouts: readonly { readonly id: number; readonly registerIds: readonly number[] }[];
  readonly readings: readonly {
    readonly deviceId: number;
    readonly layoutId: number;
    readonly observedAtMs: number;
    readonly receivedAtMs: number;
    readonly clock: number;
    readonly flags: number;
    readonly values: Buffer;
  }[];
  readonly quarantine: readonly {
    readonly id: number;
    readonly deviceId: number | null;
    readonly externalId: string | null;
    readonly receivedAtMs: number;
    readonly topic: Buffer;
    readonly payload: Buffer;
    readonly profile: string | null;
    readonly reason: string;
    readonly detail: string;
    readonly replayed: boolean;
    readonly isRequested: boolean;
  }[];
  readonly journal: readonly {
    readonly pairs: readonly { readonly registerId: number; readonly day: number }[];
    readonly late: boolean;
    readonly cause: string;
    readonly dueInMs: number;
  }[];
  readonly days: readonly KeptDay[];
  readonly estimates: readonly (KeptDay & { readonly methods: Buffer; readonly reachDays: number })[];
  readonly pieces: readonly Unallocated[];
  readonly decisions: readonly RegisterDecision[];
  readonly due: readonly { readonly registerId: number; readonly day: number; readonly dueInMs: number }[];
  readonly changes: readonly (Pick<
    DayChange,
    "registerId" | "day" | "cause" | "before" | "after" | "revision"
  > & {
    readonly layer: LoadLayer;
  })[];
  readonly commands: readonly {
    readonly deviceId: number;
    readonly topic: string;
    readonly payload: Buffer;
  }[];
  readonly seen: readonly {
    readonly deviceId: number;
    readonly seenAtMs: number | null;
    readonly aheadMs: number | null;
  }[];
};
