// Writes families.ts and ../profile-ids.ts from the folders that are here: node devices/profiles/write-families.ts
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = new URL("./", import.meta.url);

/** The profile ids: every folder with a door, in the order of their names. */
export function familyFolders(): string[] {
  return readdirSync(here, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && existsSync(new URL(`${entry.name}/index.ts`, here)))
    .map((entry) => entry.name)
    .sort();
}

/** The text of both files, by path. */
export function familyFiles(): ReadonlyMap<string, string> {
  const folders = familyFolders();
  const nameOf = (folder: string) => folder.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const ids = `// Written by profiles/write-families.ts: the folders of profiles/.
export const PROFILE_IDS = [
${folders.map((folder) => `  "${folder}",\n`).join("")}] as const;
export type ProfileId = (typeof PROFILE_IDS)[number];
`;
  const families = `// Written by write-families.ts: the door of every family.
import type { ProfileId } from "#devices/vocabulary";
${folders.map((folder) => `import { family as ${nameOf(folder)} } from "./${folder}/index.ts";\n`).join("")}import type { Family } from "./family.ts";

export const FAMILIES: Readonly<Record<ProfileId, Family>> = {
${folders.map((folder) => (nameOf(folder) === folder ? `  ${folder},\n` : `  "${folder}": ${nameOf(folder)},\n`)).join("")}};
`;
  return new Map([
    [fileURLToPath(new URL("../profile-ids.ts", here)), ids],
    [fileURLToPath(new URL("families.ts", here)), families],
  ]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of familyFiles()) writeFileSync(path, text);
}
