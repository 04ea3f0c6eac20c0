// Turns a line of a process's log into what a person at the terminal should see of it, or nothing.

const WARN = 40;
const ERROR = 50;

/**
 * A warning or an error as `name: text`; `undefined` for what only belongs into the log file. Lines that are not
 * JSON come from Node itself or from a library in trouble: they are shown as they are.
 */
export function terminalLine(name: string, line: string): string | undefined {
  if (line.trim() === "") return undefined;
  const entry = parse(line);
  if (entry === undefined) return `${name}: ${line}`;
  const level = Number(entry["level"] ?? 0);
  if (level < WARN) return undefined;
  const error = entry["err"];
  const cause = isRecord(error) && typeof error["message"] === "string" ? ` (${error["message"]})` : "";
  const text = typeof entry["msg"] === "string" ? entry["msg"] : "";
  return `${name} ${level >= ERROR ? "error" : "warning"}: ${text}${cause}`;
}

function parse(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isRecord(value) ? value : undefined;
  } catch {
    // Half a line, or text that happens to begin with a brace.
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
