/** thresholds.json for a comparison, in k6's own words. */
import { boundsAt, gapBoundsOf } from '../../gap/bounds.ts'
import { lastSide, rate, settings, sides } from './comparison.ts'
import { noWrongAnswers, readThresholds, selected, sideThresholds } from './thresholds.ts'
import { asked } from './workload.ts'

const thresholds = readThresholds()

/** Only for sides as they are declared: nobody has said what to expect of another query mode, or of a side against itself. */
export function expected(): Record<string, string[]> {
  const own: Record<string, string[]> = { ...noWrongAnswers, broken_premises: ['count==0'] }
  if (!thresholds) return own
  const declared = asked.sides.map(({ name }) => name)
  for (const side of sides) {
    if (!declared.includes(side.key)) continue
    const tagsAt = (clients: number) => ({ phase: 'measure', side: side.key, clients })
    Object.assign(own, sideThresholds(side, thresholds, settings.clients, tagsAt))
    if (rate > 0) continue
    for (const clients of settings.clients) {
      const least = boundsAt(thresholds, side.key, clients)?.minTps
      if (least !== undefined) own[selected('tps', { side: side.key, clients })] = [`med>=${least}`]
    }
  }
  if (lastSide !== declared.at(-1)) return own
  for (const { key } of sides) {
    const gap = gapBoundsOf(thresholds, key, declared)
    if (!gap) continue
    // A median over several numbers of clients would be none of any.
    for (const clients of settings.clients) {
      const of = { side: key, clients }
      if (rate === 0 && gap.minTpsRatio !== undefined)
        own[selected('gap_tps_ratio', of)] = [`med>=${gap.minTpsRatio}`]
      for (const [name, least] of Object.entries(gap.minLatencyRatio ?? {}))
        own[selected(`gap_latency_${name}_ratio`, of)] = [`med>=${least}`]
    }
  }
  return own
}
