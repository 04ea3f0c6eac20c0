// Units as devices and codecs write them, beside a value or at the end of a name.

/** Exact spellings; the case tells milli from mega. */
const EXACT: ReadonlyMap<string, string> = new Map([
  ["°C", "Cel"],
  ["℃", "Cel"],
  ["C", "Cel"],
  ["V", "V"],
  ["A", "A"],
  ["W", "W"],
  ["L", "l"],
  ["l", "l"],
  ["VA", "VA"],
  ["Pa", "Pa"],
  ["MW", "MW"],
  ["MWh", "MWh"],
  ["mA", "mA"],
  ["mV", "mV"],
  ["m³", "m3"],
  ["m³/h", "m3/h"],
  ["%RH", "%RH"],
  ["%", "%"],
  ["dBm", "dBm"],
  ["s", "s"],
  ["W/m2", "W/m2"],
  ["W/m²", "W/m2"],
]);

/** Spellings whose case says nothing. `min` is not among them: it is the lowest value as often as a minute. */
const ANY_CASE: ReadonlyMap<string, string> = new Map([
  ["kwh", "kWh"],
  ["kw·h", "kWh"],
  ["kw*h", "kWh"],
  ["kw.h", "kWh"],
  ["kilowatt hours", "kWh"],
  ["kilowatt-hours", "kWh"],
  ["wh", "Wh"],
  ["mj", "MJ"],
  ["gj", "GJ"],
  ["kj", "kJ"],
  ["kvarh", "kvarh"],
  ["varh", "varh"],
  ["kvah", "kVAh"],
  ["kw", "kW"],
  ["watt", "W"],
  ["watts", "W"],
  ["kva", "kVA"],
  ["kvar", "kvar"],
  ["var", "var"],
  ["m3", "m3"],
  ["m^3", "m3"],
  ["㎥", "m3"],
  ["cbm", "m3"],
  ["cubic meters", "m3"],
  ["cubic metres", "m3"],
  ["liter", "l"],
  ["liters", "l"],
  ["litre", "l"],
  ["litres", "l"],
  ["m3h", "m3/h"],
  ["m3/h", "m3/h"],
  ["m3/hr", "m3/h"],
  ["m³/hr", "m3/h"],
  ["lph", "l/h"],
  ["l/h", "l/h"],
  ["l/hr", "l/h"],
  ["ma", "mA"],
  ["mv", "mV"],
  ["amp", "A"],
  ["amps", "A"],
  ["ampere", "A"],
  ["volts", "V"],
  ["hz", "Hz"],
  ["celsius", "Cel"],
  ["degc", "Cel"],
  ["deg c", "Cel"],
  ["°c", "Cel"],
  ["bar", "bar"],
  ["hpa", "hPa"],
  ["lux", "lx"],
  ["lx", "lx"],
  ["ppm", "ppm"],
  ["hca", "hca"],
  ["percent", "%"],
  ["pct", "%"],
  ["mm", "mm"],
]);

/** The canonical unit of a text that stands where a unit stands; `undefined` for any other text. */
export function unitOfText(text: string): string | undefined {
  return EXACT.get(text) ?? ANY_CASE.get(text.toLowerCase());
}

/** A value with its unit in one text, as older codecs write: `3.384 V`, `0.00 °C`. */
const WITH_UNIT = /^([+-]?\d{1,30}(?:\.\d{1,30})?)\s*([^\d\s+.-]\S{0,9})$/;

export function splitUnit(text: string): { readonly digits: string; readonly unit: string } | undefined {
  const [, digits, written = ""] = text.length > 60 ? [] : (WITH_UNIT.exec(text) ?? []);
  const unit = unitOfText(written);
  return digits === undefined || unit === undefined ? undefined : { digits, unit };
}
