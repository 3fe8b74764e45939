/**
 * The workload that is asked. Bundling a workload of a user's own puts it in the place of this file (build/bundles.ts); as it stands
 * it is what raw scenarios and the bundles of the project itself ask.
 */
import flights from '../../workload/flights.ts'
import type { Draw } from '../../workload/workload.ts'
import { root } from './root.ts'

export default flights

/** Texts of the files that its queries stand in, by the name that it gives them. */
export const texts: Readonly<Record<string, string>> = {}

/** What the bundle was made of, by its digests; as it stands it was not bundled. */
export const made = { program: '', workload: '' }

/**
 * Where its keys and its thresholds lie, as `open()` takes it; and how these keys are drawn from, where they have been drawn from more
 * before.
 */
export const places: { keys: string; thresholds: string | undefined; draw: Draw | undefined } = {
  draw: undefined,
  keys: `${root}.cache/datasets/nycflights13/keys.json`,
  thresholds: `${root}thresholds.json`,
}
