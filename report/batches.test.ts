import { stripVTControlCharacters } from 'node:util'
import { parseHTML } from 'linkedom'
import { expect, test } from 'vitest'
import type { BatchRow } from '../gap/batches.ts'
import { batchesMarkdown, batchesReport } from './batches.ts'
import { sampleCapacityRun } from './capacity/fixture.ts'
import { capacityMarkdown } from './capacity/markdown.ts'
import { capacityRunSchema } from './capacity/run.ts'
import { capacityReport } from './capacity/terminal.ts'
import { sampleRun } from './fixture.ts'
import { htmlReport } from './html/page.ts'
import { markdown } from './markdown.ts'
import { runSchema } from './run.ts'
import { terminalReport } from './terminal.ts'

const row = (side: string, size: number, more: Partial<BatchRow> = {}): BatchRow => ({
  ...{ side, size, clients: 4, predictionsPerSecond: 500 * size, requestsPerSecond: 500 },
  ...{ latencyMs: { mean: 2, p50: 1.5, p99: 12.25 }, failures: 0, ...more },
})
const gain = { median: 5, low: 4.5, high: 5.5, pairs: 12 }
const gap = { median: 2, low: 1.75, high: 2.25, pairs: 12 }
const rows = [row('a', 1, { gap }), row('b_x', 1), row('a', 10, { gain, gap }), row('b_x', 10, { gain })]

test('a row for each size and side, with ratios where there are some', () => {
  const text = batchesReport(rows)
  expect(text).toContain('(4 clients; latency is that of a whole request)')
  expect(text).toMatch(/keys +side +predictions\/s +p50 ms +p99 ms +÷ own at 1 +÷ b_x \[95 %\]/)
  expect(text).toMatch(/^ +10 +a +5,000 +1\.50 +12\.3 +5\.00× +2\.00× \[1\.75, 2\.25\]/m)
  // Nobody failed, so that there is nothing to tell.
  expect(text).not.toContain('failed')
})

test('a side without an answer has its failures, and no latency', () => {
  const latencyMs = { mean: null, p50: null, p99: null }
  const silent = row('b', 4, { latencyMs, failures: 500, predictionsPerSecond: 0, requestsPerSecond: 0 })
  const text = batchesReport([row('a', 4), silent])
  expect(text).toMatch(/^ +4 +b +0\.000 +- +- +500/m)
  expect(text).toMatch(/p99 ms +failed$/m)
  expect(text).not.toContain('÷')
})

test('each number of clients has a table of its own, with its rows alone', () => {
  const both = [row('alone', 1, { clients: 1 }), row('together', 1)]
  const [one = '', four = ''] = batchesReport(both).split(/^.*\(4 clients;/m)
  expect(one).toContain('(one client;')
  expect([one, four].map((text) => text.match(/alone|together/g))).toEqual([['alone'], ['together']])
  // In Markdown a table begins after an empty line, or it would go on with the one before.
  expect(batchesMarkdown(both)).toMatch(/\| alone \|.*\n\nSeveral keys at once \(4 clients;/)
})

test('in Markdown names are text', () => {
  const text = batchesMarkdown(rows)
  expect(text).toContain('4 clients')
  expect(text).toContain('| predictions/s | requests/s | p50 ms |')
  expect(text).toContain('| 10 | a | 5,000 | 500 | 1.50 | 12.3 | 5.00× \\[4.50, 5.50\\] |')
  expect(text).toContain('| 1 | b\\_x |')
})

test('they stand in every form of a search for capacities', () => {
  const run = { ...sampleCapacityRun(), batches: rows }
  const text = stripVTControlCharacters(capacityReport(run))
  expect(text).toContain('Several keys at once')
  for (const line of text.slice(text.indexOf('Several keys')).split('\n').slice(0, 6))
    expect(line.length, line).toBeLessThanOrEqual(80)
  expect(capacityMarkdown(run)).toContain(batchesMarkdown(rows))
  expect(capacityRunSchema.parse(JSON.parse(JSON.stringify(run))).batches).toEqual(rows)
})

test('they stand in every form of a comparison', () => {
  const run = { ...sampleRun(), batches: rows }
  const text = stripVTControlCharacters(terminalReport(run))
  expect(text).toContain('Several keys at once')
  expect(markdown(run)).toContain(batchesMarkdown(rows))
  expect(runSchema.parse(JSON.parse(JSON.stringify(run))).batches).toEqual(rows)
  const { document } = parseHTML(htmlReport(run))
  const figure = [...document.querySelectorAll('figure')].find(
    (each) => each.querySelector('h3')?.textContent === 'Predictions a second',
  )
  // A line for each side, a dot for each size.
  expect(figure?.querySelectorAll('[aria-label="line"] path')).toHaveLength(2)
  expect(figure?.querySelectorAll('[aria-label="dot"] circle')).toHaveLength(4)
  expect(figure?.querySelectorAll('details tbody tr')).toHaveLength(4)
  expect(htmlReport(sampleRun())).not.toContain('Several keys at once')
})
