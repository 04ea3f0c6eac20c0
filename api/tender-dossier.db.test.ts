// A dossier as it leaves the API: the bytes that were hashed, in each form, cheap to ask for again, and the same for ever.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isDossierIntact, type Dossier } from "#analytics";
import { COMMON_WH, PEOPLE, PRIVATE_WH, tenderWorld, type Person, type TenderWorld } from "./test-tender.ts";

let world: TenderWorld;
let at: string;
beforeAll(async () => {
  world = await tenderWorld();
  at = `/v1/tenders/${await world.tender("bidding")}`;
});
afterAll(() => world.stop());

const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");
const SUM_WH = 4 * COMMON_WH + 20 + 40 + 60 + PRIVATE_WH;
const STRANGERS: readonly Person[] = ["strangeCoordinator", "strangeManager", "strangeResident"];

test("it is the stored text, byte for byte, and anyone can recompute its hash", async () => {
  const answer = await world.get("cheap", `${at}/dossier`);
  expect(answer.headers["content-type"]).toMatch(/^application\/json\b/);
  const { rows } = await world.api.pool.query<{ text: string; hash: string }>(
    "select text, hash from tender_dossier",
  );
  expect(answer.body).toBe(rows[0]?.text);
  const dossier = answer.json<Dossier>();
  expect(isDossierIntact(dossier)).toBe(true);
  expect(dossier.hash).toBe(rows[0]?.hash);
  // Canonical JSON sorts by name, so leaving the hash out leaves the text that was hashed.
  expect(sha256(answer.body.replace(`"hash":"${dossier.hash}",`, ""))).toBe(dossier.hash);
  expect((await world.get("cheap", at)).json()).toMatchObject({ dossierHash: dossier.hash });
  const file = await world.get("cheap", `${at}/dossier.json`);
  expect(file.body).toBe(answer.body);
  expect(file.headers["content-disposition"]).toMatch(/attachment; filename="tender-\d+-dossier\.json"/);
});

test("its quarter-hours come as CSV by Accept or by name, with the hash that the dossier names", async () => {
  const dossier = (await world.get("cheap", `${at}/dossier`)).json<{ lots: { profileSha256: string }[] }>();
  const byAccept = await world.get("cheap", `${at}/dossier`, { accept: "text/csv" });
  const byName = await world.get("cheap", `${at}/dossier.csv`);
  for (const answer of [byAccept, byName]) {
    expect(answer.headers["content-type"]).toContain("text/csv");
    expect(sha256(answer.body)).toBe(dossier.lots[0]?.profileSha256);
    const lines = answer.body.trimEnd().split("\r\n");
    expect(lines[0]).toBe("from,to,energyWh");
    expect(lines[1]).toBe(`2025-10-31T23:00:00Z,2025-10-31T23:15:00Z,${SUM_WH}`);
    expect(lines).toHaveLength(1 + 365 * 96);
  }
});

test("for charts they come as numbers, the same as in the CSV", async () => {
  const profile = await world.get("cheap", `${at}/dossier/profile`);
  const shown = profile.json<{ quarters: (number | null)[] }>();
  expect(shown).toMatchObject({ from: "2025-10-31T23:00:00Z", timezone: "Europe/Brussels", unit: "Wh" });
  const csv = (await world.get("cheap", `${at}/dossier.csv`)).body.trimEnd().split("\r\n").slice(1);
  expect(shown.quarters).toEqual(csv.map((line) => Number(line.split(",")[2])));
});

test("whoever has a form of it is answered 304, and no two forms share a tag", async () => {
  const tags = new Set<string>();
  const { dossierHash } = (await world.get("cheap", at)).json<{ dossierHash: string }>();
  for (const [path, accept] of [
    ["dossier", "application/json"],
    ["dossier", "text/csv"],
    ["dossier/profile", "application/json"],
  ] as const) {
    const answer = await world.get("cheap", `${at}/${path}`, { accept });
    const tag = String(answer.headers.etag);
    expect(tag, "a strong one").toMatch(new RegExp(`^"${dossierHash}`));
    expect(answer.headers["cache-control"]).toBe("private, no-cache");
    expect(answer.headers.vary).toContain("accept");
    const again = await world.get("cheap", `${at}/${path}`, { accept, "if-none-match": tag });
    expect([again.statusCode, again.body], path).toEqual([304, ""]);
    tags.add(tag);
  }
  expect(tags.size).toBe(3);
});

test("who may know of the tender reads it, a stranger finds nothing, not even with the tag", async () => {
  for (const who of PEOPLE) {
    for (const path of ["dossier", "dossier.json", "dossier.csv", "dossier/profile"]) {
      const answer = await world.get(who, `${at}/${path}`, { "if-none-match": "*" });
      expect(answer.statusCode, `${who} ${path} ${answer.body}`).toBe(STRANGERS.includes(who) ? 404 : 304);
    }
  }
});

test("nothing was revised yet, and no stranger learns that", async () => {
  for (const who of STRANGERS) {
    expect((await world.get(who, `${at}/dossier/revision`)).statusCode, who).toBe(404);
  }
  const revision = await world.get("cheap", `${at}/dossier/revision`);
  const publishedWh = SUM_WH * 365 * 96;
  expect(revision.json(), revision.body).toMatchObject({
    publishedWh,
    presentWh: null,
    revisedShare: 0,
  });
  const exact = await world.get("coordinator", `${at}/dossier/revision`);
  expect(exact.json(), exact.body).toMatchObject({ publishedWh, presentWh: publishedWh, revisedShare: 0 });
});

test("a withdrawal changes no byte of it", async () => {
  const before = await world.get("cheap", `${at}/dossier`);
  const body = { buildingId: world.buildings[3], reason: "The assembly decided otherwise" };
  const withdrawn = await world.post("otherManager", `${at}/withdraw`, body);
  expect(withdrawn.json(), withdrawn.body).toMatchObject({ state: "bidding", participants: 3 });
  expect((await world.get("cheap", `${at}/dossier`)).body).toBe(before.body);
});
