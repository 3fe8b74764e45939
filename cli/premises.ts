/** A broken premise ends a command that measures, after its figures were shown. */
import { CouldNotMeasure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import type { Premise } from '../gap/premises.ts'
import { seenInWords } from '../report/failures.ts'
import { inOneLine } from '../workload/shortened.ts'

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
