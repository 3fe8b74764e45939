import { expect, test } from 'vitest'
import { chartsRead } from '../html/fixture.ts'
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

test('from a ring to a dot and on to a stroke: the second answer, the first, and the longest of the first', async () => {
  const page = (await formats.at(-1)?.render(run)) ?? ''
  const by = (kind: string, look: string, ...places: [count: string, side: number, ms: string][]) =>
    places.map(([count, side, ms]) => {
      const [key, colour] = [['database', 'service'][side - 1], look.replace('SIDE', `side-${side}`)]
      return `${kind}, ${count}, ${colour}: ${ms}; ${key}`
    })
  const places = (...ms: [string, string, string]) =>
    (
      [
        ['one client', 1],
        ['one client', 2],
        ['100 clients', 1],
      ] as const
    ).map(([count, side], at): [string, number, string] => [count, side, ms[at] as string])
  // Of the service nothing was answered to 100 clients.
  expect(chartsRead(page)['First and second answers']).toEqual([
    '900 by 218',
    'x | ms → | 1 2 10 20 100 200 | log | grid',
    'y |  | database service',
    'fy |  | one client 100 clients',
    ...by('rule', 'stroke SIDE, stroke-width 3', ...places('0.25 to 20', '1 to 3', '4 to 400')),
    ...by('rule', 'stroke SIDE, stroke-dasharray 2 3', ...places('20 to 40', '3 to 6', '400 to 800')),
    ...by('dot', 'stroke SIDE, stroke-width 2, r 5', ...places('0.25', '1', '4')),
    ...by('dot', 'fill SIDE, r 5', ...places('20', '3', '400')),
    ...by('tick', 'stroke SIDE, stroke-width 2', ...places('40', '6', '800')),
  ])
})
