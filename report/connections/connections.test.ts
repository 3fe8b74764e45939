import { expect, test } from 'vitest'
import { run } from './fixture.ts'
import { formats } from './formats.ts'

test('what is left is JSON, and a page with a chart and the figures behind it', async () => {
  const [json, page] = (await Promise.all(formats.map(({ render }) => render(run)))) as [string, string]
  expect(JSON.parse(json)).toMatchObject({ command: run.command, found: { rounds: 10 } })
  expect(page.match(/<svg/g)).toHaveLength(1)
  // A ring and a dot for each side at each number of clients that was answered.
  expect(page.match(/<circle/g)).toHaveLength(6)
  expect(page).toContain('80.0× [40.0, 160]')
  expect(page).toContain('one &amp; only')
})
