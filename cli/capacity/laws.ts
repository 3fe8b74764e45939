/** The law of scaling of each side, from what the closed model served. */
import type { Thresholds } from '../../gap/bounds.ts'
import { scalingOf, throughputsOf } from '../../gap/capacity/scaling.ts'
import type { Measurement } from '../../gap/measurement.ts'
import { premisesOf } from '../../gap/premises.ts'
import type { CapacityRun } from '../../report/capacity/run.ts'
import { seenInWords } from '../../report/failures.ts'

/**
 * A law that is fitted to figures which mean nothing would mean nothing: where a premise is broken there is none, and why.
 * The search itself does not rest on the closed model. It only begins there.
 * @param permitted failures that break no premise
 */
export function lawsOf(
  inClosed: Measurement,
  sides: readonly string[],
  { seed, permitted }: { seed: number; permitted: Thresholds },
): NonNullable<CapacityRun['scaling']> {
  const broken = premisesOf(inClosed, [], permitted).filter(({ holds }) => !holds)
  const impossible = `A premise of the closed model is broken: ${broken.map((premise) => `${premise.name}: ${seenInWords(premise)}`).join('; ')}`
  return sides.map((side) => ({
    side,
    law: broken.length > 0 ? { impossible } : scalingOf(throughputsOf(inClosed, side), seed),
  }))
}
