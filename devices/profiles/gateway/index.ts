// A gateway speaks for devices of other families, each on a topic of its own.
export { decodeGateway } from "./decode.ts";
