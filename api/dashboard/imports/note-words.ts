// A note on a file in the reader's language, with energies and formats by their names.
import { fillMessage } from "../text/messages.ts";
import { texts } from "../text/texts.svelte.ts";
import { noteOf } from "./note-text.ts";

/** `undefined`: a sentence of a kind that is new here. */
export function noteText(sentence: string): string | undefined {
  const note = noteOf(sentence);
  const text = note === undefined ? undefined : texts.find(note.key);
  if (note === undefined || text === undefined) return undefined;
  const { carrier, format, ...values } = note.values;
  return fillMessage(text, {
    ...values,
    ...(carrier === undefined ? {} : { carrier: texts.find(`carrier.${carrier}`) ?? carrier }),
    ...(format === undefined ? {} : { format: texts.find(`imports.formats.${format}`) ?? format }),
  });
}
