// Finds the Debian mirrors that this machine already uses, in the two formats of apt's source lists.

/** Suites of Debian itself; a third party's repository has suites of its own, and fails the signature anyway. */
const DEBIAN_SUITES = new Set([
  "oldoldstable",
  "oldstable",
  "stable",
  "testing",
  "unstable",
  "sid",
  "buster",
  "bullseye",
  "bookworm",
  "trixie",
  "forky",
  "duke",
]);

type Source = {
  readonly types: readonly string[];
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
};

/**
 * The mirrors of Debian named in apt's source lists, likeliest first, without duplicates.
 * @param texts contents of `sources.list` and of the files in `sources.list.d` (one-line or deb822 format).
 */
export function debianMirrors(texts: readonly string[]): string[] {
  const uris = texts
    .flatMap((text) => [...oneLineSources(text), ...deb822Sources(text)])
    .filter(isDebian)
    .flatMap((source) => source.uris)
    .map((uri) => uri.replace(/\/+$/, ""));
  const unique = [...new Set(uris)];
  return [...unique.filter(looksLikeDebian), ...unique.filter((uri) => !looksLikeDebian(uri))];
}

function isDebian(source: Source): boolean {
  return (
    source.types.includes("deb") &&
    source.components.includes("main") &&
    source.suites.some((suite) => DEBIAN_SUITES.has(suite))
  );
}

function looksLikeDebian(uri: string): boolean {
  return uri.endsWith("/debian");
}

/** `deb [option=value …] uri suite component…`, see sources.list(5). */
function oneLineSources(text: string): Source[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(deb)\s+(?:\[[^\]]*\]\s*)?(\S+)\s+(\S+)\s+([^#]+)/.exec(line);
    const [, type, uri, suite, components] = match ?? [];
    if (type === undefined || uri === undefined || suite === undefined || components === undefined) return [];
    return [{ types: [type], uris: [uri], suites: [suite], components: words(components) }];
  });
}

/** Paragraphs of `Field: value`, continued on indented lines, see sources.list(5). */
function deb822Sources(text: string): Source[] {
  return text
    .split(/\n(?:[ \t]*\n)+/)
    .map(fieldsOf)
    .filter((fields) => fields.has("uris") && fields.get("enabled")?.trim().toLowerCase() !== "no")
    .map((fields) => ({
      types: words(fields.get("types")),
      uris: words(fields.get("uris")),
      suites: words(fields.get("suites")),
      components: words(fields.get("components")),
    }));
}

function fieldsOf(paragraph: string): Map<string, string> {
  const fields = new Map<string, string>();
  let current: string | undefined;
  for (const line of paragraph.split("\n").filter((line) => !line.startsWith("#"))) {
    const [, name, value] = /^([A-Za-z-]+):(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      current = name.toLowerCase();
      fields.set(current, value);
    } else if (current !== undefined && /^[ \t]/.test(line)) {
      fields.set(current, `${fields.get(current) ?? ""} ${line}`);
    }
  }
  return fields;
}

function words(text: string | undefined): string[] {
  return (text ?? "").split(/\s+/).filter((word) => word !== "");
}
