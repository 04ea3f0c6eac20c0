// Topics on a broker that other clients see too: `d/<device>/<topic>`, where our own broker hides the mount.

/** The largest identifier that the database's `integer` holds. */
const ID_MAX = 2_147_483_647;
/** One spelling per device: a broker's rule for `d/007/#` protects another name than `d/7/#`. */
const MOUNTED = /^d\/([1-9][0-9]{0,9})\/(.+)$/s;

/** The device that a topic belongs to and the topic as the device means it; undefined where it belongs to none. */
export function splitMounted(
  topic: string,
): { readonly deviceId: number; readonly topic: string } | undefined {
  const [, id, own] = MOUNTED.exec(topic) ?? [];
  const deviceId = Number(id);
  return own === undefined || deviceId > ID_MAX ? undefined : { deviceId, topic: own };
}
