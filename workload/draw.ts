/** Seeded draws that need nothing of k6, so that Node draws keys as k6 does, and both can be tested anywhere. */
import type { Draw as Kind } from './workload.ts'

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

/**
 * Positions by Zipf's law: the one at k, from 0, comes (k + 1)^−exponent times as often as the first. By rejection-inversion (Hörmann &
 * Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", ACM TOMACS 6:3, 1996), which needs no
 * table: some keys are a million, and each virtual user would have its own.
 */
export function zipf(exponent: number, count: number, even: Draw): Draw {
  const span = modulus - 1
  /** Integral of x^−exponent, from 1 to x, and its inverse; near an exponent of 1 by the logarithm that both tend to. */
  const power = 1 - exponent
  const isLog = Math.abs(power) < 1e-9
  const integral = (x: number) => (isLog ? Math.log(x) : (x ** power - 1) / power)
  const inverse = (area: number) => (isLog ? Math.exp(area) : (1 + area * power) ** (1 / power))
  const weight = (x: number) => x ** -exponent
  const first = integral(1.5) - 1
  const width = integral(count + 0.5) - first
  // So near to the middle of its step a number is taken without a look at the weight.
  const near = 2 - inverse(integral(2.5) - weight(2))
  return () => {
    for (;;) {
      const area = first + (width * (even() + 0.5)) / span
      const x = inverse(area)
      const rank = Math.min(count, Math.max(1, Math.round(x)))
      if (rank - x <= near || area >= integral(rank + 0.5) - weight(rank)) return rank - 1
    }
  }
}

/**
 * @param count of the keys
 * @returns what makes a draw for a seed, a user and a block
 */
export function drawOf(kind: Kind, count: number): (seed: number, user: number, block: number) => Draw {
  if (kind === 'even') return (seed, user, block) => generator(seed, user, block, count)
  if (kind === 'in order')
    return (seed, user, block) => {
      // Each begins where chance says, or all would ask for the first keys over and over: connections are opened anew all the time.
      let at = generator(seed, user, block, count)()
      return () => {
        const position = at
        at = at + 1 === count ? 0 : at + 1
        return position
      }
    }
  return (seed, user, block) => zipf(kind.zipf, count, generator(seed, user, block))
}

/** Most keys that are held at once, in Node and in k6: each is there as a value, and as what every side is sent for it. */
export const mostKeys = 100_000

export interface Drawn {
  /** Positions among all keys, the smallest first. */
  positions: number[]
  /** How keys are drawn from those, so that together they are drawn as from all. */
  draw: Kind
}

/**
 * A part of the keys, where there are more than can be held: evenly one of each stretch of neighbours; in order so many that follow
 * each other; by Zipf's law so many draws, a position as often as it was drawn.
 * @returns undefined where all can be held
 */
export function drawnFrom(kind: Kind, count: number, seed: number, most = mostKeys): Drawn | undefined {
  if (count <= most) return undefined
  const next = kind === 'even' ? generator(seed, 0, 0) : drawOf(kind, count)(seed, 0, 0)
  const stretch = (at: number) => Math.floor((at * count) / most)
  const positions = Array.from({ length: most }, (_, at) =>
    kind === 'even' ? stretch(at) + (next() % (stretch(at + 1) - stretch(at))) : next(),
  )
  return { positions: positions.sort((a, b) => a - b), draw: typeof kind === 'object' ? 'even' : kind }
}
