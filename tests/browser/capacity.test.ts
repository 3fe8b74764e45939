/** capacity.html as a browser shows it: of a search that found what it was after, and of one that did not. */
import { describe, expect, test } from 'vitest'
import { realisticCapacityRun, unreachedCapacityRun } from '../../report/capacity/fixture.ts'
import { capacityHtml } from '../../report/capacity/html.ts'
import { type CapacityRun, capacityRunSchema } from '../../report/capacity/run.ts'
import { sentence } from '../../report/capacity/words.ts'
import { everyPage, marksSeen } from './every-page.ts'

/** As `gate` makes it: from the file, not from what lies in memory. */
const read = (run: CapacityRun) => capacityRunSchema.parse(JSON.parse(JSON.stringify(run)))

describe('a capacity that was found', () => {
  const run = read(realisticCapacityRun())
  const shown = everyPage('capacity', async () => capacityHtml(run))

  test('what was found stands on the first screen', () =>
    shown({}, async (page) => {
      const verdict = page.locator('.verdict')
      expect(await verdict.textContent()).toContain(sentence(run))
      const box = await page.locator('header table').first().boundingBox()
      expect(box && box.y + box.height).toBeLessThan(800)
    }))

  test('charts have marks that are seen', () =>
    shown({}, async (page) => {
      const seen = Object.fromEntries(await marksSeen(page))
      const points = run.sides.map(({ rates }) => rates.length)
      // A point for each rate, the band of the interval and the fit.
      expect(seen['Latency of postgres by rate']).toBe((points[0] ?? 0) + 2)
      expect(seen['Latency of python by rate']).toBe((points[1] ?? 0) + 2)
      // A point for each number of clients and the law, of both sides.
      expect(seen['Throughput by clients']).toBe(2 * (run.sides[0]?.closed.length ?? 0) + 2)
      expect(seen['Cost by demand']).toBeGreaterThanOrEqual(2)
    }))

  test('the band of the interval is as wide as the interval, where its rates stand', () =>
    shown({}, async (page) => {
      const figure = page.locator('figure').first()
      const band = await figure.locator('[aria-label="rect"] rect').boundingBox()
      const line = await figure.locator('[aria-label="rule"] line').first().boundingBox()
      const dots = await figure.locator('[aria-label="dot"] :is(circle, path)').all()
      const centres = await Promise.all(
        dots.map(async (dot) => {
          const box = await dot.boundingBox()
          return box ? box.x + box.width / 2 : Number.NaN
        }),
      )
      const { rates = [], found } = run.sides[0] ?? {}
      const all = rates.map(({ rate }) => rate)
      const [least, most] = [Math.min(...all), Math.max(...all)]
      const [left, right] = [Math.min(...centres), Math.max(...centres)]
      const at = (rate: number) => left + ((rate - least) / (most - least)) * (right - left)
      if (!band || !line || !found) throw new Error('no band, no line, or nothing found')
      expect(Math.abs(band.x - at(found.low))).toBeLessThan(1.5)
      expect(Math.abs(band.x + band.width - at(found.high))).toBeLessThan(1.5)
      expect(Math.abs(line.x + line.width / 2 - at(found.capacity))).toBeLessThan(1.5)
    }))

  test('figures of many columns have the whole width of a desk', () =>
    shown({}, async (page) => {
      const [first, second] = [page.locator('figure').nth(0), page.locator('figure').nth(1)]
      const before = await first.boundingBox()
      expect((await second.boundingBox())?.y).toBe(before?.y)
      await first.locator('summary').click()
      const after = await first.boundingBox()
      expect(after?.width).toBeGreaterThan(1.9 * (before?.width ?? 0))
      // The chart itself is no larger.
      expect((await first.locator('svg').boundingBox())?.width).toBeLessThan(1.1 * (before?.width ?? 0))
    }))

  test('several keys at once have a row for each size and side', () =>
    shown({}, async (page) => {
      const table = page.locator('table', { hasText: 'By how many keys a request asks for' })
      // They are the figures behind the chart.
      await page.locator('figure', { has: table }).locator('summary').click()
      expect(await table.locator('tbody tr').count()).toBe(run.batches?.length)
      expect((await table.boundingBox())?.height).toBeGreaterThan(100)
    }))
})

describe('one that was not', () => {
  const run = read(unreachedCapacityRun())
  run.missed = [{ what: 'versions and settings', kind: 'ECONNREFUSED', message: 'connect refused' }]
  const shown = everyPage('capacity-unreached', async () => capacityHtml(run))

  test('it is said why, and no figure stands in its place', () =>
    shown({}, async (page) => {
      expect(await page.locator('[aria-label="rect"] rect').count()).toBe(0)
      expect(await page.locator('header').innerText()).toContain('no rate confirmed')
      expect(await page.locator('body').innerText()).not.toContain('1,005 [')
      for (const [title, marks] of await marksSeen(page)) expect(marks, title).toBeGreaterThan(0)
    }))
})
