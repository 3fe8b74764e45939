/** Several runs of the comparison scenario taken as one: blocks and pairs in a row, pairs numbered on. */
import type { Measurement } from './measurement.ts'

/** @throws {RangeError} where there is none */
export function merged(measurements: Measurement[]): Measurement {
  const [first, ...more] = measurements
  if (!first) throw new RangeError('no measurement to merge')
  const whole = structuredClone(first)
  for (const { settings, premises, blocks, pairs } of more) {
    const offset = whole.settings.pairs
    whole.settings.pairs += settings.pairs
    for (const name of Object.keys(premises) as (keyof typeof premises)[])
      whole.premises[name] += premises[name]
    for (const block of blocks)
      whole.blocks.push({ ...block, pair: block.pair === 0 ? 0 : block.pair + offset })
    for (const pair of pairs) whole.pairs.push({ ...pair, pair: pair.pair + offset })
  }
  return whole
}
