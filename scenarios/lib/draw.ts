/** A seeded generator that needs nothing of k6, so that the order of turns and the draw of keys can be tested anywhere. */

/** The next whole number, from 0. */
export type Draw = () => number

/** A prime: the generator goes through all numbers from 1 to below it. */
const modulus = 2 ** 31 - 1

/**
 * Even and repeatable; another seed, user or block gives another sequence. The generator is MINSTD (Park, Miller & Stockmeyer, CACM 36:7,
 * 1993): a product and a remainder cost k6 a third of what the shifts of an xorshift do.
 * @param below what it draws is smaller; at most 2³¹ − 2
 */
export function generator(seed: number, user: number, block: number, below = modulus - 1): Draw {
  let state =
    Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(user + 1, 0x85ebca6b) ^ Math.imul(block + 1, 0xc2b2ae35)
  // Neighbouring seeds differ in few bits; this spreads them over all (the finalizer of MurmurHash3).
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  state = ((state ^ (state >>> 16)) >>> 0) % modulus || 1 // 0 would stay 0
  const next = () => {
    state = (state * 48271) % modulus
    // From 1 on.
    return (state - 1) % below
  }
  for (let turn = 0; turn < 8; turn++) next()
  return next
}
