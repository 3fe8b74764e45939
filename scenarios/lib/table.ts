/** What plain `k6 run` prints of a comparison. */
import type { Measurement } from '../../gap/measurement.ts'

/** For those who run this by `k6 run`: a line a block, a line a pair. The command line has the whole report. */
export function shortTable({ blocks, pairs, failures }: Measurement): string {
  const cells = (...texts: string[]) => `  ${texts.map((text) => text.padStart(10)).join('')}\n`
  const number = (value: number | null, digits: number) => (value === null ? '-' : value.toFixed(digits))
  let table = cells('clients', 'pair', 'TPS', 'p50 ms', 'p95 ms', 'p99 ms', 'failed', 'side')
  for (const { clients, pair, key, tps, ok, failed } of blocks)
    table += cells(
      String(clients),
      String(pair),
      number(tps, 0),
      number(ok.p50Ms, 3),
      number(ok.p95Ms, 3),
      number(ok.p99Ms, 3),
      String(failed.count),
      `  ${key}`,
    )
  table += `\n${cells('clients', 'pair', 'gap: TPS', 'p50', 'p95', 'p99', '', 'side')}`
  for (const { clients, pair, key, tps, p50, p95, p99 } of pairs)
    table += cells(
      String(clients),
      String(pair),
      ...[tps, p50, p95, p99].map((ratio) => number(ratio, 2)),
      '',
      `  ${key}`,
    )
  for (const { key, clients, phase, kind, count, message } of failures)
    table += `\n  ${key}, ${clients} clients, ${phase}: ${count} × ${kind}: ${message}\n`
  return `\n${table}\n`
}
