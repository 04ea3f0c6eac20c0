// Seeded chance: counter-based draws for the world (any instant, no state) and a sequence for faults and set-up.

/** Finalizer of MurmurHash3 (Appleby, public domain): every input bit changes every output bit with even odds. */
function mix(word: number): number {
  let h = word | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

const GOLDEN = 0x9e3779b9;

/** A seed of its own for a part of the world, so that adding one part does not change another. */
export function derive(seed: number, part: string | number): number {
  let h = mix(seed ^ GOLDEN);
  for (const unit of String(part)) h = mix(h + Math.imul(unit.codePointAt(0) ?? 0, GOLDEN));
  return h >>> 0;
}

/** Uniform in [0, 1): the same for the same seed and counter, independent for neighbouring counters. */
export function chance(seed: number, counter: number): number {
  return (mix(mix(seed) + Math.imul(counter, GOLDEN)) >>> 0) / 2 ** 32;
}

/** Smooth in `x`, mean 0.5, within [0, 1]: a draw at every whole number, eased in between. */
export function drift(seed: number, x: number): number {
  const at = Math.floor(x);
  const ease = (x - at) ** 2 * (3 - 2 * (x - at));
  return chance(seed, at) * (1 - ease) + chance(seed, at + 1) * ease;
}

/** A stream of draws. */
export type Random = {
  /** Uniform in [0, 1). */
  next(): number;
  /** A whole number in [0, bound). */
  below(bound: number): number;
};

/** xoshiro128** 1.1 (Blackman and Vigna, 2018), its four words filled from the seed. */
export function createRandom(seed: number): Random {
  let a = mix(seed ^ 1);
  let b = mix(seed ^ 2);
  let c = mix(seed ^ 3);
  let d = mix(seed ^ 4) | 1;
  const next = () => {
    const times5 = Math.imul(b, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result / 2 ** 32;
  };
  return { next, below: (bound) => Math.floor(next() * bound) };
}
