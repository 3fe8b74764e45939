/** What a file of the flights' keys holds, for k6 and Node alike. */
import { type Misfit, mostMisfits } from './misfit.ts'

const parts = ['originairportid', 'year', 'month', 'dayofmonth'] as const
/** Both ends of Postgres' integer, the type of each part's column. */
const [least, most] = [-(2 ** 31), 2 ** 31 - 1]

const expectedPart = `expected a whole number from ${least} to ${most}`

const fits = (part: unknown): part is number =>
  Number.isInteger(part) && (part as number) >= least && (part as number) <= most

function misfitOf(key: unknown, position: number): Misfit | undefined {
  if (!Array.isArray(key) || key.length !== parts.length)
    return { path: [position], value: key, expected: `expected [${parts.join(', ')}]` }
  const part = key.findIndex((each) => !fits(each))
  return part < 0 ? undefined : { path: [position, part], value: key[part], expected: expectedPart }
}

/** The first few that do not fit; none where all do. */
export function misfitsOfFlightKeys(keys: readonly unknown[]): Misfit[] {
  const misfits: Misfit[] = []
  const seen = new Map<string, number>()
  for (const [position, key] of keys.entries()) {
    if (misfits.length === mostMisfits) break
    const misfit = misfitOf(key, position)
    if (misfit) {
      misfits.push(misfit)
      continue
    }
    const name = (key as number[]).join()
    const before = seen.get(name)
    if (before === undefined) seen.set(name, position)
    else
      misfits.push({
        path: [position],
        value: key,
        expected: `expected each key once, and [${before}] is the same`,
      })
  }
  return misfits
}
