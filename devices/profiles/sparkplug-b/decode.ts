// Decodes Sparkplug B (specification 3.0): births that name a device's metrics, and data that names them by alias.
//
//   NBIRTH, DBIRTH ──▶ facts: alias, name, type, unit; and the values of now
//   NDATA, DDATA   ──▶ values by alias ──unknown──▶ the node is asked to be born again, the message waits in quarantine
//        seq: 0 to 255 and round again ──a number is missing──▶ asked too: a message, maybe a birth, was lost
//   NDEATH         ──▶ the sequence ends, if the death is of this birth (bdSeq)
import type { DecodeContext, Decoded, Decoder } from "#devices/reading";
import { ClockSource } from "#devices/vocabulary";
import { Answer, NOTHING, NO_TIME, refusedWhole, type MessageTime } from "../answer.ts";
import { birthFacts, birthsOf, type Births } from "./births.ts";
import { isNumeric, payloadOf, valueOf, type Metric, type SparkplugPayload } from "./payload.ts";
import { rebirthRequest } from "./rebirth.ts";
import { registerOf } from "./registers.ts";
import { nodeName, topicOf, type SparkplugTopic } from "./topic.ts";

/** Total. Metrics that are no numbers are passed over; those that are null have no value. */
export const decodeSparkplug: Decoder = (bytes, context) => {
  const topic = topicOf(context.topic);
  if (topic === undefined || topic.kind === "NCMD" || topic.kind === "DCMD") return NOTHING;
  const payload = payloadOf(bytes);
  if (payload === undefined)
    return refusedWhole("reading_malformed", "The payload is no Sparkplug B message.");
  if (topic.kind === "NDEATH") {
    endSequence(topic, payload, context);
    return NOTHING;
  }
  const isWhole = followSequence(topic, payload, context);
  if (topic.kind === "DDEATH") return isWhole ? NOTHING : { ...NOTHING, requests: rebirthRequest(topic) };
  const isBirth = topic.kind.endsWith("BIRTH");
  const facts = isBirth ? birthFacts(topic, payload.metrics, context.facts) : [];
  const births = isBirth || !isBornAgain(topic, context) ? undefined : birthsOf(topic, context.facts);
  const { unknown, ...decoded } = read(topic, payload, births, isBirth);
  return {
    ...decoded,
    ...(facts.length > 0 ? { facts } : {}),
    ...(unknown || !isWhole ? { requests: rebirthRequest(topic) } : {}),
  };
};

function read(
  topic: SparkplugTopic,
  payload: SparkplugPayload,
  births: Births | undefined,
  isBirth: boolean,
): Decoded & { readonly unknown: boolean } {
  const answer = new Answer();
  let unknown = false;
  for (const metric of payload.metrics) {
    const born = bornOf(metric, births, isBirth);
    if (born === undefined) {
      unknown = true;
      const called =
        metric.name === "" ? `alias ${metric.alias ?? "(none)"}` : `metric ${metric.name.slice(0, 60)}`;
      answer.refuse(
        "description_missing",
        `The ${printable(called)} was not named by a birth that was heard.`,
      );
      continue;
    }
    const { datatype } = born;
    if (metric.isNull || datatype === undefined || !isNumeric(datatype) || isControl(born.name)) continue;
    const register = registerOf(topic.device === "" ? topic.node : topic.device, born.name, born.unit);
    const value = valueOf(metric, datatype);
    if (register === undefined)
      answer.refuse("text_invalid", "A metric has a name that no register can bear.");
    else if (value === undefined)
      answer.refuse("value_not_numeric", `${register.name} has no number of its type.`);
    else answer.observe(register, value, timeOf(metric, payload));
  }
  return { ...answer.decoded("metrics"), unknown };
}

/** A data message may name its metrics in full; the alias is looked for first. */
function bornOf(metric: Metric, births: Births | undefined, isBirth: boolean) {
  const { name, alias, datatype, unit } = metric;
  if (isBirth) return { name, datatype, unit };
  const born =
    (alias === undefined ? undefined : births?.get(`alias ${alias}`)) ??
    (name === "" ? undefined : births?.get(`name ${name}`));
  if (born !== undefined) return { ...born, datatype: datatype ?? born.datatype, unit: unit ?? born.unit };
  // Told in full by somebody whose birth was heard and did not name it. Before the birth its unit is not known, and a register
  // without unit would contradict the one that the birth names.
  const isWhole = births !== undefined && name !== "" && alias === undefined && datatype !== undefined;
  return isWhole ? { name, datatype, unit } : undefined;
}

/** What the protocol itself counts and commands. */
function isControl(name: string): boolean {
  return name === "bdSeq" || name.startsWith("Node Control/") || name.startsWith("Device Control/");
}

/** §6.4.6: of the metric, else of the payload, in UTC. A late metric's is its own: the payload's is when it was sent. */
function timeOf({ timestampMs, isHistorical }: Metric, payload: SparkplugPayload): MessageTime {
  const observedAtMs = isHistorical ? timestampMs : (timestampMs ?? payload.timestampMs);
  return observedAtMs === undefined ? NO_TIME : { observedAtMs, clock: ClockSource.payloadOffset };
}

const SEQUENCE = 256;
const NODES_MAX = 1000;

const DEVICES_MAX = 1000;

type Sequence = {
  readonly seq: number;
  readonly bdSeq: string | undefined;
  /** Born since the node was; `undefined` where its birth was before we began, or there are too many. */
  readonly born: Set<string> | undefined;
};

/** False where a message is missing. One that begins a sequence, or is the first since we began, is not held against any. */
function followSequence(
  topic: SparkplugTopic,
  { seq, metrics }: SparkplugPayload,
  { recent }: DecodeContext,
): boolean {
  if (recent === undefined || seq === undefined) return true;
  const key = nodeName(topic);
  const last = recent.get(key) as Sequence | undefined;
  if (recent.size >= NODES_MAX) recent.clear();
  const isBirth = topic.kind === "NBIRTH";
  const born = isBirth ? new Set<string>() : last?.born;
  if (topic.kind === "DBIRTH") born?.add(topic.device);
  recent.set(key, {
    seq,
    bdSeq: isBirth ? bdSeqOf(metrics) : last?.bdSeq,
    born: born !== undefined && born.size > DEVICES_MAX ? undefined : born,
  });
  return isBirth || last === undefined || seq === (last.seq + 1) % SEQUENCE;
}

/** When a node is born its devices are dead, and aliases may have changed owner: what an earlier birth said holds no longer. */
function isBornAgain(topic: SparkplugTopic, { recent }: DecodeContext): boolean {
  const last = recent?.get(nodeName(topic)) as Sequence | undefined;
  return topic.device === "" || last?.born === undefined || last.born.has(topic.device);
}

function endSequence(topic: SparkplugTopic, { metrics }: SparkplugPayload, { recent }: DecodeContext): void {
  const last = recent?.get(nodeName(topic)) as Sequence | undefined;
  // The will of an earlier connection may come late.
  if (last !== undefined && (last.bdSeq === undefined || last.bdSeq === bdSeqOf(metrics)))
    recent?.delete(nodeName(topic));
}

function bdSeqOf(metrics: readonly Metric[]): string | undefined {
  const metric = metrics.find(({ name }) => name === "bdSeq");
  return metric === undefined ? undefined : valueOf(metric, metric.datatype ?? UINT64);
}

const UINT64 = 8;

function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.toWellFormed().replaceAll(/[\x00-\x1f\x7f]/g, "?");
}
