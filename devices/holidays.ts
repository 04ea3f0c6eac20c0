// Public holidays of the whole country: days on which people live as on a Sunday.

/** Month and day. Belgium: law of 4 January 1974; France: Code du travail L3133-1; Italy: law 260/1949. */
const FIXED: Readonly<Record<string, readonly string[]>> = {
  BE: ["01-01", "05-01", "07-21", "08-15", "11-01", "11-11", "12-25"],
  FR: ["01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25"],
  IT: ["01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"],
};

/** Days after Easter Sunday: Easter Monday, Ascension, Whit Monday. */
const MOVING: Readonly<Record<string, readonly number[]>> = { BE: [1, 39, 50], FR: [1, 39, 50], IT: [1] };

const years = new Map<string, ReadonlySet<string>>();

/** Of another country none is known. `date`: `YYYY-MM-DD`. */
export function isHoliday(country: string, date: string): boolean {
  const year = date.slice(0, 4);
  const key = `${country} ${year}`;
  let days = years.get(key);
  if (days === undefined) years.set(key, (days = holidaysOf(country, Number(year))));
  return days.has(date);
}

function holidaysOf(country: string, year: number): ReadonlySet<string> {
  const easter = easterSunday(year);
  const fixed = (FIXED[country] ?? []).map((day) => `${String(year).padStart(4, "0")}-${day}`);
  const moving = (MOVING[country] ?? []).map((days) => easter.add({ days }).toString());
  return new Set([...fixed, ...moving]);
}

/** The Gregorian computus as Meeus, Jones and Butcher give it. */
export function easterSunday(year: number): Temporal.PlainDate {
  const century = Math.floor(year / 100);
  const golden = year % 19;
  const correction = Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3);
  const epact = (19 * golden + century - Math.floor(century / 4) - correction + 15) % 30;
  const weekday =
    (32 + 2 * (century % 4) + 2 * Math.floor((year % 100) / 4) - epact - ((year % 100) % 4)) % 7;
  const shift = Math.floor((golden + 11 * epact + 22 * weekday) / 451);
  const days = epact + weekday - 7 * shift + 114;
  return Temporal.PlainDate.from({ year, month: Math.floor(days / 31), day: (days % 31) + 1 });
}
