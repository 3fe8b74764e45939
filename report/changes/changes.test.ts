import { expect, test } from 'vitest'
import type { TakeoverRow } from '../../gap/takeover.ts'
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
