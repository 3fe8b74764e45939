/** What a pair of blocks says: one ratio for each figure, above 1 where the first side (the database) wins. */
import type { RecordedSeries } from 'k6/x/recorder'
import type { Pair } from '../../gap/measurement.ts'
import type { Block } from './plan.ts'

/** Requests per second that finished inside the block's steady window. */
export const tpsOf = (series: RecordedSeries) => (series.ok.count / series.windowMs) * 1000

export function pairRatios(blocks: Block[], recorded: RecordedSeries[]): Pair[] {
  const seriesOf = (block: Block) =>
    recorded.find((series) => series.block === block.name && series.target === block.target)
  const pairs: Pair[] = []
  for (const block of blocks) {
    if (block.phase !== 'measure' || block.side !== 0) continue
    const partner = blocks.find(
      (other) => other.side === 1 && other.pair === block.pair && other.clients === block.clients,
    )
    const [first, second] = [seriesOf(block), partner && seriesOf(partner)]
    // A side without a single right answer has no ratio; its failures say why.
    if (!first || !second || first.ok.count === 0 || second.ok.count === 0) continue
    const latency = (figure: 'meanMs' | 'p50Ms' | 'p95Ms' | 'p99Ms') =>
      (second.ok[figure] as number) / (first.ok[figure] as number)
    pairs.push({
      clients: block.clients,
      pair: block.pair,
      tps: tpsOf(first) / tpsOf(second),
      mean: latency('meanMs'),
      p50: latency('p50Ms'),
      p95: latency('p95Ms'),
      p99: latency('p99Ms'),
    })
  }
  return pairs
}
