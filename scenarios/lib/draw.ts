/** A seeded generator that needs nothing of k6, so that the order of turns and the draw of keys can be tested anywhere. */

/** The next whole number from 0 to below 2^32. */
export type Draw = () => number

/** Even and repeatable (xorshift32); other arguments give another sequence. */
export function generator(seed: number, user: number, block: number): Draw {
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
    return state >>> 0
  }
  for (let turn = 0; turn < 8; turn++) next()
  return next
}
