// What a device family is to everyone else: its decoder, and how it is told from others behind a gateway.
import type { Decoder } from "#devices/reading";
import type { ProfileId } from "#devices/vocabulary";

export type Family = {
  readonly profile: ProfileId;
  readonly decode: Decoder;
  /**
   * How the gateway names the device of this family that spoke, or `undefined` where the message is not of this family. Pure and
   * total like the decoder. Families without it cannot be told by their bytes.
   */
  readonly recognise?: (topic: string, payload: Uint8Array) => string | undefined;
};
