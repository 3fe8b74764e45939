/** Several runs of the comparison scenario taken as one: blocks and pairs in a row, pairs and sessions numbered on. */
import type { Measurement } from './measurement.ts'

/** @throws {RangeError} where there is none */
export function merged(measurements: Measurement[]): Measurement {
  const [first, ...more] = measurements
  if (!first) throw new RangeError('no measurement to merge')
  const whole = structuredClone(first)
  for (const { settings, premises, warmups, blocks, pairs, failures, connections, time, parts } of more) {
    const offset = whole.settings.pairs
    const earlier = whole.settings.sessions
    whole.settings.pairs += settings.pairs
    whole.settings.sessions += settings.sessions
    for (const name of Object.keys(premises) as (keyof typeof premises)[]) {
      const [before, added] = [whole.premises[name], premises[name]]
      if (before !== null && added !== null) whole.premises[name] = before + added
    }
    const later = <Of extends { session: number }>(them: Of[] = []) =>
      them.map((each) => ({ ...each, session: each.session + earlier }))
    whole.connections?.push(...later(connections))
    whole.parts?.push(...later(parts))
    whole.time?.sessions.push(...later(time?.sessions))
    whole.time?.spent.push(...later(time?.spent))
    for (const each of warmups) whole.warmups.push({ ...each, session: each.session + earlier })
    for (const each of failures) whole.failures.push({ ...each, session: each.session + earlier })
    for (const each of blocks)
      whole.blocks.push({ ...each, pair: each.pair + offset, session: each.session + earlier })
    for (const each of pairs)
      whole.pairs.push({ ...each, pair: each.pair + offset, session: each.session + earlier })
  }
  return whole
}
