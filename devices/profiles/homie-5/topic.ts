// Topics of Homie 5: `<domain>/5/<device>/<node>/<property>`, and attributes that begin with a dollar sign.

export type HomieTopic = {
  /** The domain with the device: what its facts are called by. */
  readonly owner: string;
  readonly device: string;
  /** `description`: what the device has; `value`: a property's; `other`: state, log, alerts, targets, commands. */
  readonly kind: "description" | "value" | "other";
  /** `<node>/<property>` of a value, else "". */
  readonly property: string;
};

const TOPIC = /^([^/$]{1,64})\/5\/([^/$]{1,64})\/(.+)$/s;
const PROPERTY = /^[^/$]{1,64}\/[^/$]{1,64}$/;
// eslint-disable-next-line no-control-regex
const UNPRINTABLE = /[\x00-\x1f\x7f]/;
const DOMAIN = "homie";

/** Whether it can be the name of a device, a node or a property. Homie allows a-z, 0-9 and the hyphen; not everybody keeps to it. */
export function isHomieId(text: string): boolean {
  return /^[^/$]{1,64}$/s.test(text) && !UNPRINTABLE.test(text) && text.isWellFormed();
}

/** `undefined` for a topic of anybody else, broadcasts and older versions of Homie included. */
export function topicOf(topic: string): HomieTopic | undefined {
  const [, domain = "", device = "", rest = ""] = TOPIC.exec(topic) ?? [];
  if (rest === "" || UNPRINTABLE.test(topic) || !topic.isWellFormed()) return undefined;
  const owner = `${domain}/${device}`;
  if (rest === "$description") return { owner, device, kind: "description", property: "" };
  return PROPERTY.test(rest)
    ? { owner, device, kind: "value", property: rest }
    : { owner, device, kind: "other", property: "" };
}

/** The version that a device of Homie 2 to 4 announces itself with. */
export function isOlderHomie(topic: string): boolean {
  return /^[^/]+\/[^/]+\/\$homie$/.test(topic);
}

/** The device that speaks, on the usual domain; another one must be registered by hand. */
export function recogniseHomie(topic: string): string | undefined {
  const found = topic.startsWith(`${DOMAIN}/`) ? topicOf(topic) : undefined;
  return found?.device;
}
