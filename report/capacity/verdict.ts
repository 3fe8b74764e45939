/** What thresholds.json expects of a search, when it is made and when `gate` judges it again. */
import type { Thresholds } from '../../gap/bounds.ts'
import { judgeCapacity } from '../../gap/capacity/judge.ts'
import { outcomeOf, withPremises } from '../../gap/verdict.ts'
import { capacitiesOf } from './data.ts'
import type { CapacityRun } from './run.ts'

export function verdictOf(
  { sides, ratios, workload, premises }: Pick<CapacityRun, 'sides' | 'ratios' | 'workload' | 'premises'>,
  thresholds: Thresholds,
): CapacityRun['verdict'] {
  const checks = judgeCapacity(
    capacitiesOf({ sides }),
    ratios.map(({ side, ...ratio }) => ({ side, ratio })),
    thresholds,
    workload.sides,
  ).map(({ reason, ...check }) => ({ ...check, ...(reason !== undefined && { why: reason }) }))
  return withPremises({ checks, outcome: outcomeOf(checks) }, premises)
}
