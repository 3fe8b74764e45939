import { expect, test } from 'vitest'
import type { TakeoverRow } from '../../gap/takeover.ts'
import { chartsRead } from '../html/fixture.ts'
import { features, run } from './fixture.ts'
import { formats } from './formats.ts'
import { changesTerminal } from './terminal.ts'

test('the terminal has a row for each side at each number of clients', () => {
  const lines = changesTerminal(run).split('\n')
  expect(lines.find((line) => /service +20/.test(line))).toMatch(/103 +101 +0\.200 +40\.0 +0 +0/)
  for (const line of lines.filter((each) => /^ +(side|database|service) /.test(each)))
    expect(line.length, line).toBeLessThanOrEqual(80)
  expect(lines.join('\n')).toContain('DATABASE_URL: deployed')
  expect(lines.join('\n')).not.toContain('unseen')
  const [first, ...others] = run.takeover ?? []
  const late = { ...run, takeover: [{ ...(first as TakeoverRow), unseen: 2 }, ...others] }
  expect(changesTerminal(late)).toMatch(/failed +unseen[\s\S]* 0 +2\n/)
})

test('what is left is JSON, and a page with two charts and the figures behind them', async () => {
  const [json, page] = (await Promise.all(formats.map(({ render }) => render(run)))) as [string, string]
  expect(JSON.parse(json)).toEqual(run)
  expect(page.match(/<svg/g)).toHaveLength(2)
  expect(page).toContain('1.50× [1.25, 2.00]')
  expect(page).toContain('103 (51.5 to 206)')
  expect(page).toContain('one &amp; only')
  // A line for each side at each number of clients.
  expect(page.match(/<path [^>]*stroke="var\(--side-2\)"/g)).toHaveLength(4)
})

test('writes have a row for each number of them, and two charts', async () => {
  const lines = changesTerminal(features).split('\n')
  expect(lines.find((line) => /service +20 +99/.test(line))).toMatch(/0\.200 +0\.900 +2\.00× +2\.00 +0 +0/)
  for (const line of lines.filter((each) => /^ +(side|database|service) /.test(each)))
    expect(line.length, line).toBeLessThanOrEqual(80)
  const page = (await formats.at(-1)?.render(features)) ?? ''
  expect(page.match(/<svg/g)).toHaveLength(2)
  expect(page).toContain('1.25× [1.13, 1.50]')
  expect(page).toContain('99.0 of 100')
})

test('what latencies are divided by is the first number of writes, which need not be the least', async () => {
  const turned = { ...features, writes: [...(features.writes ?? [])].sort((a, b) => b.due - a.due) }
  expect(changesTerminal(turned)).toContain('÷ at 100')
  expect(changesTerminal(features)).toContain('÷ at 0')
})

const drawn = async (of: typeof run) => chartsRead((await formats.at(-1)?.render(of)) ?? '')

test('around an order the longest answers and whose they are, by number of clients, as a ruler reads them', async () => {
  const made = {
    ...run,
    moments: (run.moments ?? []).map((row) => ({
      ...row,
      longestMs: row.ms < 0 ? 4 : row.key === 'service' ? 40 : 10,
    })),
  }
  const both = ['one client', '20 clients']
  const lines = (...points: string[]) =>
    both.flatMap((count) =>
      points.map((each, at) => `line, ${count}, stroke side-${at + 1}, stroke-width 1.6: ${each}`),
    )
  const rules = (to: string) =>
    both.map((count) => `rule, ${count}, stroke currentColor, stroke-opacity 0.5: 0; ${to}`)
  const frame = [
    'fy |  | one client 20 clients',
    'frame, one client, stroke currentColor, stroke-opacity 0.2: around | around',
  ]
  const size = ['440 by 430', 'x | ms from the order → | −20 0 20 40 60 | linear']
  expect(await drawn(made)).toEqual({
    Latency: [
      ...size,
      'y | ↑ ms | 4 10 20 30 40 | log | grid',
      ...[...frame, ...rules('40 to 4'), ...lines('-25,4 25,10 75,10', '-25,4 25,40 75,40')],
    ],
    'Answers by model': [
      ...size,
      'y | ↑ of answers by the new model | 0% 20% 40% 60% 80% 100% | linear',
      ...[...frame, ...rules('1 to 0'), ...lines('-25,0 25,1 75,1', '-25,0 25,1 75,1')],
    ],
  })
})

test('by writes a second the latency and the age of what came', async () => {
  const made = {
    ...features,
    writes: (features.writes ?? []).map((row) => ({ ...row, p99Ms: row.key === 'service' ? 0.6 : 0.8 })),
  }
  const frame = ['fy |  | 20 clients', 'frame, stroke currentColor, stroke-opacity 0.2: around']
  const marks = (...sides: [number, number][]) => [
    ...sides.map(
      ([none, some], at) => `line, 20 clients, stroke side-${at + 1}, stroke-width 2: 0,${none} 100,${some}`,
    ),
    ...sides.map(
      ([none, some], at) => `dot, 20 clients, fill side-${at + 1}, r 3: 0; ${none} | 100; ${some}`,
    ),
  ]
  const size = ['440 by 260', 'x | writes a second → | 0 100']
  expect(await drawn(made)).toEqual({
    Latency: [
      ...size,
      'y | ↑ p99, ms | 0.0 0.2 0.4 0.6 0.8 | linear | grid',
      ...[...frame, ...marks([0.8, 0.8], [0.6, 0.6])],
    ],
    Age: [
      ...size,
      'y | ↑ age when it came, ms | 0.0 0.5 1.0 1.5 2.0 | linear | grid',
      ...[...frame, ...marks([0, 2], [0, 2])],
    ],
  })
})
