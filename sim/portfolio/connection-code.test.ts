// Codes of connections have the form of their country, and are other codes for other connections.
import { expect, test } from "vitest";
import { connectionCode } from "./connection-code.ts";

test("a PRM has fourteen digits, a POD is IT, a distributor, E and eight digits, a Belgian code is an EAN", () => {
  for (const key of ["a", "b", "moulin common"]) {
    expect(connectionCode("FR", "electricity", 1, key)).toMatch(/^\d{14}$/);
    expect(connectionCode("IT", "electricity", 1, key)).toMatch(/^IT\d{3}E\d{8}$/);
    expect(connectionCode("IT", "gas", 1, key)).toMatch(/^\d{14}$/);
    expect(connectionCode("BE", "electricity", 1, key)).toMatch(/^54\d{16}$/);
  }
  const codes = Array.from({ length: 500 }, (_, number) =>
    connectionCode("FR", "electricity", 1, `${number}`),
  );
  expect(new Set(codes).size).toBe(codes.length);
});
