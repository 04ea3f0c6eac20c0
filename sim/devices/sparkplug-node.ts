// A Sparkplug node as it is asked to be born anew: its next message is a birth, and those after it are numbered from there.
import type { Delivery } from "../story/story.ts";

/** What a node listens to for its commands. */
export const NODE_COMMANDS = "spBv1.0/+/NCMD/#";

export class SparkplugNode {
  #isAsked = false;
  #latest = -1;
  /** The number of its birth, where it was one that it was asked for. */
  #bornAt: number | undefined;
  #births = 0;

  /** How often it was born because it was asked. */
  get births(): number {
    return this.#births;
  }

  ask(): void {
    this.#isAsked = true;
  }

  /** The message as it leaves. One that was said before, or kept, has the number that it had; so has a damaged one. */
  spoken(delivery: Delivery): Delivery {
    const { numbered, marks } = delivery;
    if (numbered === undefined) return delivery;
    const { number, isBirth, since } = numbered;
    const isNew = number > this.#latest;
    this.#latest = Math.max(this.#latest, number);
    if (marks.includes("corruption")) return delivery;
    if (isNew && isBirth) {
      this.#isAsked = false;
      this.#bornAt = undefined;
    } else if (isNew && this.#isAsked) {
      this.#isAsked = false;
      this.#bornAt = number;
      this.#births += 1;
      return { ...delivery, ...since(0), introduces: true };
    }
    const bornAt = this.#bornAt;
    if (bornAt === undefined || number < bornAt || isBirth) return delivery;
    return { ...delivery, ...since(number - bornAt), ...(number === bornAt && { introduces: true }) };
  }
}
