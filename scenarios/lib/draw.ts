/** A seeded generator that needs nothing of k6, so that the order of turns and the draw of keys can be tested anywhere. */

/** The next whole number, from 0. */
export type Draw = () => number

/**
 * Even and repeatable (xorshift32); another seed, user or block gives another sequence.
 * @param below what it draws is smaller
 */
export function generator(seed: number, user: number, block: number, below = 2 ** 32): Draw {
  let state =
    Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(user + 1, 0x85ebca6b) ^ Math.imul(block + 1, 0xc2b2ae35)
  // Neighbouring seeds differ in few bits; this spreads them over all (the finalizer of MurmurHash3).
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  state = state ^ (state >>> 16) || 1 // 0 would stay 0
  const next = () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
  for (let turn = 0; turn < 8; turn++) next()
  return next
}
