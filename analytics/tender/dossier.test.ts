// The dossier: what is shown gives its hash, whoever reads it and in whatever order; any change of a figure does not.
import { expect, test } from "vitest";
import { DAY_MS, QUARTERS_PER_UTC_DAY } from "#devices/time";
import { QuarterCode } from "#devices/vocabulary";
import { canonicalJson, sha256 } from "./canonical-json.ts";
import {
  dossierOf,
  isDossierIntact,
  profileCsv,
  revisionShare,
  type Dossier,
  type LotInput,
} from "./dossier.ts";
import { sizeGroup } from "./sizing.ts";

const PERIOD = { from: "2026-05-04", to: "2026-05-06", timezone: "UTC" };
const PUBLISHED_MS = Date.UTC(2026, 5, 1, 8);

function lot(wh = 3): LotInput {
  const firstDay = Date.UTC(2026, 4, 4) / DAY_MS;
  const series = [1, 2, 3].map((id) => ({
    supplyPointId: 540_000 + id,
    participantId: id,
    firstDay,
    quarters: new Int32Array(2 * QUARTERS_PER_UTC_DAY).fill(wh),
    // The last quarter-hour belongs to two only: withheld.
    statuses: new Uint8Array(2 * QUARTERS_PER_UTC_DAY).fill(QuarterCode.measured).fill(id < 2 ? 0 : 4, -1),
  }));
  const { group, profile } = sizeGroup({ series, period: PERIOD, cohortMin: 3 });
  const supplyPoints = [
    { gridOperator: "Sibelga", kind: "common", count: 2 },
    { gridOperator: "ORES", kind: "common", count: 1 },
  ];
  return { carrier: "electricity", period: PERIOD, figures: group, profile, supplyPoints };
}

test("a dossier shows the contract's figures, and no supply point's identity", () => {
  const dossier = dossierOf(PUBLISHED_MS, [lot()]);
  expect(dossier).toMatchObject({
    publishedAt: "2026-06-01T08:00:00Z",
    lots: [
      {
        carrier: "electricity",
        participants: 3,
        supplyPoints: [
          { gridOperator: "ORES", kind: "common", count: 1 },
          { gridOperator: "Sibelga", kind: "common", count: 2 },
        ],
        from: "2026-05-04",
        to: "2026-05-06",
        measuredWh: 9 * (2 * 96 - 1),
        annualWh: 3 * 3 * 96 * 365,
        basisDays: 1,
        extrapolated: true,
        maxW: 36,
        maxAt: "2026-05-04T00:00:00Z",
      },
    ],
  });
  expect(canonicalJson(dossier)).not.toContain("54000");
});

test("anyone recomputes the hash from the text, with nothing but SHA-256 and sorted names", () => {
  const dossier = dossierOf(PUBLISHED_MS, [lot()]);
  const text = canonicalJson(dossier);
  const without = text.replace(`"hash":"${dossier.hash}",`, "");
  expect(sha256(without)).toBe(dossier.hash);
  expect(isDossierIntact(JSON.parse(text) as Dossier)).toBe(true);
  expect(isDossierIntact(Object.fromEntries(Object.entries(dossier).toReversed()) as Dossier)).toBe(true);
});

test("another figure, another date or another profile is another hash", () => {
  const dossier = dossierOf(PUBLISHED_MS, [lot()]);
  expect(isDossierIntact({ ...dossier, publishedAt: "2026-06-01T08:00:01Z" })).toBe(false);
  const one = lot();
  const moved = { ...one.profile, energies: one.profile.energies.toReversed() };
  const hashes = [
    dossier,
    dossierOf(PUBLISHED_MS + 1, [one]),
    dossierOf(PUBLISHED_MS, [lot(4)]),
    dossierOf(PUBLISHED_MS, [{ ...one, profile: moved }]),
    dossierOf(PUBLISHED_MS, [one, one]),
  ].map(({ hash }) => hash);
  expect(new Set(hashes).size).toBe(hashes.length);
  const reordered = { ...one, supplyPoints: one.supplyPoints.toReversed() };
  expect(dossierOf(PUBLISHED_MS, [reordered]).hash).toBe(dossier.hash);
});

test("the profile's lines add up to the measured volume, and a withheld quarter-hour has no value", () => {
  const { profile, figures } = lot();
  const lines = profileCsv(profile).split("\r\n");
  expect(lines.slice(0, 2)).toEqual(["from,to,energyWh", "2026-05-04T00:00:00Z,2026-05-04T00:15:00Z,9"]);
  expect(lines.slice(-2)).toEqual(["2026-05-05T23:45:00Z,2026-05-06T00:00:00Z,", ""]);
  const sum = lines.slice(1, -1).reduce((total, line) => total + Number(line.split(",")[2]), 0);
  expect(sum).toBe(figures.measuredWh);
});

test("a correction is a signed share of what was published", () => {
  expect(revisionShare(1_000_000, 1_012_345)).toBe(0.012345);
  expect(revisionShare(1_000_000, 990_000)).toBe(-0.01);
  expect(revisionShare(5, 5)).toBe(0);
});
