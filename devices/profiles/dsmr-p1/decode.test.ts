// The traps of P1, one by one; whole telegrams of every country stand in golden/.
import { describe, expect, test } from "vitest";
import type { DecodeContext, Decoded } from "#devices/reading";
import { crc16 } from "./crc16.ts";
import { decodeP1 } from "./decode.ts";

const CONTEXT: DecodeContext = {
  topic: "telegram",
  receivedAtMs: Date.UTC(2026, 0, 5, 13, 12, 40),
  timezone: "Europe/Brussels",
  expectedIntervalS: null,
};
const OBSERVED = Date.UTC(2026, 0, 5, 13, 12, 33);

/** A telegram of these lines with its checksum; `lineEnd` also stands between the lines that the checksum covers. */
function telegram(lines: readonly string[], lineEnd = "\r\n"): string {
  const covered = ["/KPG5\\253769484_A", "", "0-0:1.0.0(260105141233W)", ...lines, "!"].join(lineEnd);
  return `${covered}${crc16(Buffer.from(covered, "latin1")).toString(16).padStart(4, "0")}${lineEnd}`;
}

function decode(text: string, context: Partial<DecodeContext> = {}): Decoded {
  return decodeP1(Buffer.from(text, "latin1"), { ...CONTEXT, ...context });
}

/** `name=value` of each observation, and the reason of each rejection. */
function brief({ observations, rejections }: Decoded): { values: string[]; reasons: string[] } {
  return {
    values: observations.map(({ register, value }) => `${register.name}=${value}`),
    reasons: rejections.map(({ reason }) => reason),
  };
}

const IMPORT = "1-0:1.8.1(000417.250*kWh)";

describe("frames", () => {
  test("line feeds alone are fine where the checksum covers them", () => {
    expect(brief(decode(telegram([IMPORT], "\n")))).toEqual({ values: ["1-0:1.8.1=417.250"], reasons: [] });
  });

  test("line feeds alone are fine where a gateway took the carriage returns away", () => {
    const stripped = telegram([IMPORT]).replaceAll("\r", "");
    expect(brief(decode(stripped))).toEqual({ values: ["1-0:1.8.1=417.250"], reasons: [] });
  });

  test("one changed digit is a wrong checksum, and nothing is decoded", () => {
    const wrong = telegram([IMPORT, "0-1:24.2.3(260105141004W)(02411.087*m3)"]).replace("417.250", "417.251");
    const decoded = decode(wrong);
    expect(brief(decoded)).toEqual({ values: [], reasons: ["checksum_wrong"] });
    expect(decoded.rejections[0]?.detail).toContain("KPG5");
  });

  test("the checksum may be lower case and lack leading zeros", () => {
    for (let tries = 0; ; tries++) {
      const text = telegram([IMPORT, `0-0:96.13.0(${tries})`]);
      if (!/!0/.test(text)) continue;
      expect(brief(decode(text.replace("!0", "!"))).values).toEqual(["1-0:1.8.1=417.250"]);
      return;
    }
  });

  test("a telegram without checksum is accepted where its version has none", () => {
    const bare = telegram([IMPORT]).replace(/![0-9a-f]+/, "!");
    expect(brief(decode(bare)).values).toEqual(["1-0:1.8.1=417.250"]);
  });

  test.each(["1-3:0.2.8(50)", "0-0:96.1.4(50217)"])(
    "after %s a missing checksum means that the end is lost",
    (version) => {
      const bare = telegram([version, IMPORT]).replace(/![0-9a-f]+\r\n/, "!");
      expect(brief(decode(bare))).toEqual({ values: [], reasons: ["reading_malformed"] });
    },
  );

  test("a telegram cut anywhere gives no value", () => {
    const text = telegram(["0-0:96.1.4(50217)", IMPORT, "1-0:1.7.0(00.846*kW)"]);
    const checksumEnds = text.length - 2;
    for (let length = 0; length < checksumEnds; length++) {
      const { values, reasons } = brief(decode(text.slice(0, length)));
      expect(values, text.slice(0, length)).toEqual([]);
      expect(reasons).toHaveLength(1);
    }
    expect(brief(decode(text.slice(0, checksumEnds))).values).toHaveLength(2);
  });

  test("telegrams that follow one another are all decoded, with or without a line end between them", () => {
    const second = telegram(["1-0:1.8.1(000417.260*kWh)"]);
    const expected = { values: ["1-0:1.8.1=417.250", "1-0:1.8.1=417.260"], reasons: [] };
    expect(brief(decode(telegram([IMPORT]) + second))).toEqual(expected);
    expect(brief(decode(telegram([IMPORT]).trimEnd() + second))).toEqual(expected);
  });

  test("a telegram cut short by the next one costs only itself", () => {
    const cut = `${telegram([IMPORT]).slice(0, 60)}\r\n`;
    expect(brief(decode(cut + telegram([IMPORT])))).toEqual({
      values: ["1-0:1.8.1=417.250"],
      reasons: ["reading_malformed"],
    });
  });

  test("the tail of a telegram before the first whole one is told", () => {
    expect(brief(decode(telegram([IMPORT]).slice(30) + telegram([IMPORT])))).toEqual({
      values: ["1-0:1.8.1=417.250"],
      reasons: ["reading_malformed"],
    });
  });

  test.each(["\0\0\0", "  \r\n", "junk 1/2\r\n", "\u00ff\u00fe"])(
    "%j before and after is left alone",
    (junk) => {
      expect(brief(decode(junk + telegram([IMPORT]) + junk))).toEqual({
        values: ["1-0:1.8.1=417.250"],
        reasons: [],
      });
    },
  );

  test.each(["", "\0", "hello", "{}", "/", "!"])(
    "%j holds no telegram, and is not passed over",
    (payload) => {
      expect(brief(decode(payload))).toEqual({ values: [], reasons: ["reading_malformed"] });
    },
  );

  test("a telegram without any reading is not passed over", () => {
    expect(brief(decode(telegram(["0-0:96.13.0()"])))).toEqual({
      values: [],
      reasons: ["reading_malformed"],
    });
  });

  test("a slash inside a line starts nothing", () => {
    expect(brief(decode(telegram([IMPORT, "1-0:99.5.0(0.5*m3/h)"]))).values).toEqual([
      "1-0:1.8.1=417.250",
      "1-0:99.5.0=0.5",
    ]);
  });
});

describe("time", () => {
  test("M-Bus values and peaks keep their own time, everything else has the telegram's", () => {
    const { observations } = decode(
      telegram([IMPORT, "1-0:1.6.0(260104184500W)(04.812*kW)", "0-1:24.2.3(260105141004W)(02411.087*m3)"]),
    );
    expect(observations.map(({ register, observedAtMs }) => [register.name, observedAtMs])).toEqual([
      ["1-0:1.8.1", OBSERVED],
      ["1-0:1.6.0", Date.UTC(2026, 0, 4, 17, 45)],
      ["0-1:24.2.3", Date.UTC(2026, 0, 5, 13, 10, 4)],
    ]);
  });

  test("a month that was never filled is no reading and no fault", () => {
    const text = telegram([
      "1-0:1.6.0(632525252525W)(00.000*kW)",
      "0-0:98.1.0(2)(1-0:1.6.0)(1-0:1.6.0)(251201000000W)(632525252525W)(00.000*kW)(260101000000W)(251224173000W)(07.438*kW)",
    ]);
    expect(brief(decode(text))).toEqual({ values: ["0-0:98.1.0=7.438"], reasons: [] });
  });

  test("a peak that is not zero at an impossible time is a fault", () => {
    expect(brief(decode(telegram([IMPORT, "1-0:1.6.0(632525252525W)(04.812*kW)"])))).toEqual({
      values: ["1-0:1.8.1=417.250"],
      reasons: ["reading_malformed"],
    });
  });

  test.each([
    "0-1:24.2.1(700101010000W)(00000000)",
    "0-1:24.2.1(632525252525S)(00000.000)",
    "0-1:24.2.1(632525252525S)(00000.000*m3)",
    "0-1:24.2.1(632525252525S)()",
    "0-1:24.2.1()",
  ])("an M-Bus slot without a meter is no reading and no fault: %s", (line) => {
    expect(brief(decode(telegram([IMPORT, line])))).toEqual({ values: ["1-0:1.8.1=417.250"], reasons: [] });
  });

  test("a value of 1970 leaves with its time, for ingest to refuse", () => {
    const { observations } = decode(telegram(["0-1:24.2.1(700101010000W)(00001.000*m3)"]));
    expect(observations[0]?.observedAtMs).toBe(0);
  });

  test("an M-Bus value without a time never borrows the telegram's", () => {
    const { observations } = decode(telegram(["0-1:24.2.1(00001.000*m3)"]));
    expect(observations[0]?.observedAtMs).toBeUndefined();
  });

  test("a telegram whose own time is impossible gives only what has another", () => {
    const text = telegram([IMPORT, "0-1:24.2.3(260105141004W)(02411.087*m3)"]).replace(
      "260105141233W",
      "261305141233W",
    );
    const covered = text.slice(0, text.indexOf("!") + 1);
    const crc = crc16(Buffer.from(covered, "latin1")).toString(16).padStart(4, "0");
    expect(brief(decode(`${covered}${crc}\r\n`))).toEqual({
      values: ["0-1:24.2.3=2411.087"],
      reasons: ["reading_malformed"],
    });
  });

  test("DSMR 2.2 in the autumn night: the hour that has already been", () => {
    const text =
      "/KPG5\r\n\r\n0-1:24.1.0(3)\r\n0-1:24.3.0(251026020000)(00)(60)(1)(0-1:24.2.1)(m3)\r\n(00001.001)\r\n!\r\n";
    const at = (receivedAtMs: number): number | undefined =>
      decode(text, { receivedAtMs }).observations[0]?.observedAtMs;
    expect(at(Date.UTC(2025, 9, 26, 0, 10))).toBe(Date.UTC(2025, 9, 26, 0, 0));
    expect(at(Date.UTC(2025, 9, 26, 1, 10))).toBe(Date.UTC(2025, 9, 26, 1, 0));
  });
});

describe("registers", () => {
  const carrierOf = (lines: readonly string[]): unknown =>
    decode(telegram(lines)).observations[0]?.register.carrier;

  test("the same register is the same object, from telegram to telegram", () => {
    const first = decode(telegram([IMPORT])).observations[0]?.register;
    expect(decode(telegram([IMPORT])).observations[0]?.register).toBe(first);
  });

  test("another meter behind the same plug is another register", () => {
    const [one, other] = ["3141", "3142"].map(
      (id) => decode(telegram([`0-0:96.1.1(${id})`, IMPORT])).observations[0]?.register,
    );
    expect([one?.equipmentId, other?.equipmentId]).toEqual(["1A", "1B"]);
  });

  test("a changed unit is another spec, for ingest to refuse", () => {
    expect(decode(telegram(["1-0:1.8.0(000417250*Wh)"])).observations[0]?.register.unit).toBe("Wh");
    expect(decode(telegram(["1-0:1.8.0(000417.250*kWh)"])).observations[0]?.register.unit).toBe("kWh");
  });

  test("what a channel counts follows from its type, wherever the type stands", () => {
    expect(carrierOf(["0-1:24.2.1(260105141004W)(1*m3)", "0-1:24.1.0(003)"])).toBe("gas");
    expect(carrierOf(["0-1:24.1.0(7)", "0-1:24.2.1(260105141004W)(1*m3)"])).toBe("water");
    expect(carrierOf(["0-1:24.1.0(006)", "0-1:24.2.1(260105141004W)(1*m3)"])).toBe("water");
    expect(carrierOf(["0-1:24.1.0(012)", "0-1:24.2.1(260105141004W)(1*GJ)"])).toBe("heat");
    expect(carrierOf(["0-1:24.1.0(002)", "0-1:24.2.1(260105141004W)(1*kWh)"])).toBeNull();
    expect(carrierOf(["0-1:24.2.3(260105141004W)(1*m3)"])).toBe("gas");
    expect(carrierOf(["0-1:24.2.1(260105141004W)(1*m3)"])).toBeNull();
  });

  test("only the whole import and export belong to the supply point", () => {
    expect(carrierOf(["1-0:1.8.0(1*kWh)"])).toBe("electricity");
    expect(carrierOf(["1-0:2.8.2(1*kWh)"])).toBe("electricity");
    for (const code of ["15.8.0", "16.8.0", "21.8.0", "42.8.1", "1.9.0"])
      expect(carrierOf([`1-0:${code}(1*kWh)`])).toBeNull();
  });

  test("raw is thinned to a minute only for meters that speak more often", () => {
    const keep = (expectedIntervalS: number | null): (number | undefined)[] =>
      decode(telegram([IMPORT, "1-0:1.6.0(260104184500W)(4*kW)", "0-1:24.2.3(260105141004W)(1*m3)"]), {
        expectedIntervalS,
      }).observations.map(({ register }) => register.keepEveryS);
    expect(keep(null)).toEqual([60, 0, 0]);
    expect(keep(10)).toEqual([60, 0, 0]);
    expect(keep(60)).toEqual([0, 0, 0]);
    expect(keep(900)).toEqual([0, 0, 0]);
  });

  test("an unknown object with a unit is kept, one without says nothing", () => {
    expect(
      brief(decode(telegram([IMPORT, "1-0:81.7.4(118.2*deg)", "1-0:96.50.1(1)", "0-0:96.99.3(12)"]))),
    ).toEqual({
      values: ["1-0:1.8.1=417.250", "1-0:81.7.4=118.2"],
      reasons: [],
    });
  });

  test("thresholds, switches, texts and logs are no readings although they carry units", () => {
    const lines = [
      "0-0:17.0.0(999.9*kW)",
      "1-0:31.4.0(999*A)",
      "1-0:99.97.0(1)(0-0:96.7.19)(240311074512W)(0000003120*s)",
    ];
    expect(brief(decode(telegram([IMPORT, ...lines])))).toEqual({
      values: ["1-0:1.8.1=417.250"],
      reasons: [],
    });
  });

  test("an index without a unit is told, not guessed", () => {
    expect(brief(decode(telegram([IMPORT, "1-0:2.8.0(000058)"]))).reasons).toEqual(["unit_unknown"]);
  });
});

test("units as Swedish meters write them are those of everybody", () => {
  const { observations, rejections } = decode(
    telegram([IMPORT, "1-0:3.8.0(00000021.988*kVArh)", "1-0:4.7.0(0000.309*kVAr)"]),
  );
  expect(rejections).toEqual([]);
  expect(
    observations.slice(1).map(({ register, value }) => [register.unit, register.quantity, value]),
  ).toEqual([
    ["kvarh", "reactive-energy", "21.988"],
    ["kvar", "reactive-power", "0.309"],
  ]);
});

describe("text", () => {
  test("serial numbers are read from hexadecimal where that gives text", () => {
    const idOf = (id: string): string | undefined =>
      decode(telegram([`0-0:96.1.1(${id})`, IMPORT])).observations[0]?.register.equipmentId;
    expect(idOf("314B5047303432")).toBe("1KPG042");
    expect(idOf("621848012D2C0B0C")).toBe("621848012D2C0B0C");
    expect(idOf("1KPG042")).toBe("1KPG042");
    expect(idOf("00000000000000")).toBe("");
    expect(idOf("")).toBe("");
  });

  test("of several serial numbers the best kind counts, in whatever order, and an empty one not at all", () => {
    const ids = ["0-0:96.1.1(314141)", "0-0:96.1.0(314242)", "0-0:42.0.0(314343)"];
    for (const order of [ids, ids.toReversed()]) {
      expect(decode(telegram([...order, IMPORT])).observations[0]?.register.equipmentId).toBe("1AA");
    }
    const emptied = ["0-0:96.1.0(09610)", "0-0:96.1.1()", IMPORT];
    expect(decode(telegram(emptied)).observations[0]?.register.equipmentId).toBe("09610");
  });

  test("a NUL in a serial number costs that meter its values, and reaches no sentence", () => {
    const decoded = decode(
      telegram(["0-0:96.1.1(12\x0034)", IMPORT, "0-1:24.1.0(003)", "0-1:24.2.3(260105141004W)(1*m3)"]),
    );
    expect(brief(decoded)).toEqual({ values: ["0-1:24.2.3=1"], reasons: ["text_invalid"] });
    expect(JSON.stringify(decoded)).not.toContain("\\u0000");
  });

  test("a thousand bad lines make a short report", () => {
    const decoded = decode(telegram([IMPORT, ...Array.from({ length: 1000 }, () => "nonsense")]));
    expect(decoded.observations).toHaveLength(1);
    expect(decoded.rejections).toHaveLength(17);
    expect(decoded.rejections.at(-1)?.detail).toBe("984 more lines could not be used.");
  });
});
