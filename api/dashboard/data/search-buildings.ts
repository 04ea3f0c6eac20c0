// Finding a building by any part of its name or address, accents and case aside.

type Searched = { readonly name: string; readonly address: string; readonly postalCode: string };

/** Those that hold every word of the text; all of them for an empty text. */
export function searchBuildings<Item extends Searched>(buildings: readonly Item[], text: string): Item[] {
  const words = plain(text).split(/\s+/).filter(Boolean);
  return buildings.filter(({ name, address, postalCode }) => {
    const haystack = plain(`${name} ${address} ${postalCode}`);
    return words.every((word) => haystack.includes(word));
  });
}

function plain(text: string): string {
  return text
    .normalize("NFD")
    .replaceAll(/\p{Mn}/gu, "")
    .toLowerCase();
}
