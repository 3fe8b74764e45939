/** What figures of a command take for granted: a broken premise ends it, after they were shown. */
import { CouldNotMeasure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import type { Thresholds } from '../gap/bounds.ts'
import type { Measurement } from '../gap/measurement.ts'
import { type Premise, premisesOf } from '../gap/premises.ts'
import { seenInWords } from '../report/failures.ts'
import { inOneLine } from '../workload/shortened.ts'

/** How long null servers were connected to is in no figure of a search. */
const withoutNulls = ({ time, ...measurement }: Measurement, nulls: readonly string[]): Measurement => ({
  ...measurement,
  ...(time && {
    time: { ...time, spent: time.spent.filter(({ key }) => key === null || !nulls.includes(key)) },
  }),
})

/**
 * What several measurements take for granted. One that is broken in any of them is.
 * @param permitted failures that break none
 */
export function premisesOfAll(
  measurements: readonly Measurement[],
  nulls: readonly string[],
  permitted: Thresholds,
): Premise[] {
  const all = new Map<string, Premise>()
  for (const measurement of measurements)
    for (const premise of premisesOf(withoutNulls(measurement, nulls), [], permitted)) {
      const known = all.get(premise.name)
      if (!known || (known.holds && !premise.holds)) all.set(premise.name, premise)
    }
  return [...all.values()]
}

/** @throws {CouldNotMeasure} naming every premise that does not hold */
export function refuseBroken(premises: Premise[], folder: string): void {
  const broken = premises.filter(({ holds }) => !holds)
  if (broken.length === 0) return
  throw new CouldNotMeasure(
    `The figures above mean nothing, for a premise is broken:\n${broken.map((premise) => inOneLine(`  - ${premise.name}: ${seenInWords(premise)}`)).join('\n')}`,
    [
      ...new Set(broken.flatMap(({ next }) => (next ? inOneLine(next) : []))),
      `k6's logs stand in ${shown(folder)}`,
    ].join('\n  → '),
  )
}
