// The heap after a collection: what is kept, not what is waiting to be collected.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

const MIB = 1024 * 1024;

/** MiB in use, buffers outside of the heap included. */
export function keptMib(): number {
  collect();
  return usedMib();
}

export function usedMib(): number {
  const { heapUsed, external } = process.memoryUsage();
  return Math.round((heapUsed + external) / MIB);
}
