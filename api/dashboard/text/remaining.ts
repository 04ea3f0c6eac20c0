// How long until a deadline, in its two largest units: `2 j 4 h`, `12 min 30 s`, or at length `2 jours 4 heures`.

const UNITS = [
  { unit: "day", ms: 86_400_000 },
  { unit: "hour", ms: 3_600_000 },
  { unit: "minute", ms: 60_000 },
  { unit: "second", ms: 1000 },
] as const;
/** Below this the seconds are shown too. */
const CLOSE_MS = 3_600_000;

/** Rounded down, so that it never promises more than there is; `undefined` when nothing remains. */
export function remainingText(
  tag: string,
  remainingMs: number,
  unitDisplay: "short" | "long" = "short",
): string | undefined {
  if (remainingMs < 1000) return undefined;
  const first = UNITS.findIndex(({ ms }) => remainingMs >= ms);
  const last = remainingMs < CLOSE_MS ? UNITS.length : UNITS.length - 1;
  let left = remainingMs;
  const parts: string[] = [];
  for (const { unit, ms } of UNITS.slice(first, Math.min(first + 2, last))) {
    const count = Math.floor(left / ms);
    left -= count * ms;
    if (count === 0) continue;
    const format = new Intl.NumberFormat(tag, { style: "unit", unit, unitDisplay });
    parts.push(format.format(count));
  }
  return parts.join(" ");
}
