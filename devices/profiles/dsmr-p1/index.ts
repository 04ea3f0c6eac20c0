// The door of the P1 profile: its decoder, and the encoder that writes what the decoder reads.
export { decodeP1 } from "./decode.ts";
export { encodeTelegram, type MbusMeter, type Peak, type Phase, type TelegramFields } from "./encode.ts";
