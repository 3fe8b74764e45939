/** What the blocks of a pair say together. k6 and Node both work it out: of one run, and of parts that were put together. */
import type { MeasuredBlock, Pair } from './measurement.ts'

/**
 * What each pair says: one ratio for each figure, above 1 where the side wins.
 * @param sides of which ratios are wanted
 * @param last key of the side that they are compared with
 */
export function pairsOf(sides: readonly { key: string }[], last: string, blocks: MeasuredBlock[]): Pair[] {
  return blocks.flatMap((block) => {
    if (block.key === last || !sides.some(({ key }) => key === block.key)) return []
    const other = blocks.find(
      (each) =>
        each.key === last &&
        each.pair === block.pair &&
        each.clients === block.clients &&
        each.session === block.session,
    )
    // A side without a single right answer has no ratio; its failures say why.
    if (!other || block.ok.count === 0 || other.ok.count === 0) return []
    const latency = (figure: 'meanMs' | 'p50Ms' | 'p95Ms' | 'p99Ms') =>
      (other.ok[figure] as number) / (block.ok[figure] as number)
    return [
      {
        key: block.key,
        clients: block.clients,
        pair: block.pair,
        session: block.session,
        tps: block.tps / other.tps,
        mean: latency('meanMs'),
        p50: latency('p50Ms'),
        p95: latency('p95Ms'),
        p99: latency('p99Ms'),
      },
    ]
  })
}
