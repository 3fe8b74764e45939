/** What a list of keys must be, for k6 and Node alike, whatever they look like. */
import type { Misfit } from './misfit.ts'

/** A workload's own look at its keys. */
export type OwnMisfits = (keys: readonly unknown[]) => Misfit[]

const expected = 'expected an array of keys'

/** The first few that do not fit; none where all do. */
export function misfitsOfKeys(keys: unknown, own: OwnMisfits = () => []): Misfit[] {
  if (!Array.isArray(keys)) return [{ path: [], value: keys, expected }]
  if (keys.length === 0) return [{ path: [], value: keys, expected: `${expected}, at least one` }]
  return own(keys)
}
