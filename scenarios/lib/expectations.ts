/** thresholds.json for a comparison, in k6's own words. */
import { rate, sides } from './comparison.ts'
import { noWrongAnswers, readThresholds, targetThresholds } from './thresholds.ts'

const thresholds = readThresholds()
const measured = '{phase:measure}'

/** thresholds.json for what this run compares: a target against itself or alone has no gap to be expected. */
export function expected(): Record<string, string[]> {
  const own: Record<string, string[]> = { ...noWrongAnswers, broken_premises: ['count==0'] }
  if (sides.map(({ key }) => key).join() !== 'postgres,python') return own
  for (const { target } of sides) {
    Object.assign(own, targetThresholds(target, thresholds[target], measured))
    if (rate === 0) own[`tps{target:${target}}`] = [`med>=${thresholds[target].minTps}`]
  }
  if (rate === 0) own.gap_tps_ratio = [`med>=${thresholds.gap.minTpsRatio}`]
  for (const [name, least] of Object.entries(thresholds.gap.minLatencyRatio))
    own[`gap_latency_${name}_ratio`] = [`med>=${least}`]
  return own
}
