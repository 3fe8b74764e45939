import { expect, test } from 'vitest'
import type { TakeoverRow } from '../../gap/takeover.ts'
import { formats } from './formats.ts'
import type { ChangesRun } from './run.ts'
import { changesTerminal } from './terminal.ts'

const spread = (median: number) => ({ median, least: median / 2, most: median * 2 })

const common = {
  what: 'model',
  startedAt: '2026-01-02T03:04:05.000Z',
  command: 'npx inference-gap changes model --clients 1,20',
  machine: { system: 'Linux', processor: 'one & only', cores: 2, memory: 4e9 },
  how: [{ address: 'DATABASE_URL', how: 'deployed' }],
  rounds: 5,
  seconds: 3,
  keys: 1000,
}

const run: ChangesRun = {
  ...common,
  takeover: ['database', 'service'].flatMap((key, index) =>
    [1, 20].map((clients) => ({
      ...{ key, clients, rounds: 5, unseen: 0 },
      orderMs: spread(2),
      firstNewMs: spread(3 + 100 * index),
      lastOldMs: spread(1 + 100 * index),
      p50Ms: spread(0.2),
      longestMs: spread(40),
      p99AfterToBefore: { median: 1.5, low: 1.25, high: 2, pairs: 5 },
      answers: { old: 12_345, new: 6789, neither: 0, failed: 0 },
    })),
  ),
  moments: ['database', 'service'].flatMap((key) =>
    [1, 20].flatMap((clients) =>
      [-25, 25, 75].map((ms) => ({ key, clients, ms, p50Ms: 0.2, longestMs: 4, shareNew: ms > 0 ? 1 : 0 })),
    ),
  ),
}

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

const features: ChangesRun = {
  ...common,
  what: 'features',
  writes: ['database', 'service'].flatMap((key) =>
    [0, 100].map((due) => ({
      ...{ key, clients: 20, due, made: 0.99 * due, tps: 5000, p50Ms: 0.2, p99Ms: 0.9 },
      ...(due > 0 && {
        writeMs: 1.5,
        p50Ratio: { median: 1.25, low: 1.125, high: 1.5, pairs: 5 },
        p99Ratio: { median: 2, low: 1.5, high: 2.5, pairs: 5 },
      }),
      ...{ oldestMs: due / 50, stale: 0, answers: 10_000, neither: 0, failed: 0 },
    })),
  ),
}

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
