import { expect, test } from 'vitest'
import { columnsOf } from '../fixture.ts'
import { chartsRead } from '../html/fixture.ts'
import { alone, run } from './fixture.ts'
import { formats } from './formats.ts'
import { distanceHtml } from './html.ts'
import { distanceTerminal } from './terminal.ts'

test('latency and gap by distance, the slope of each side, and what was published', () => {
  expect(columnsOf(distanceTerminal(run))).toEqual([
    'one client | (a round trip more between clients and database, service, feature store, ± 0.250 ms)',
    'distance | side | TPS | p50 ms | TPS ÷ service [95 %] | p50 of service ÷',
    'none | database | 1,000 | 1.00 | 5.00× [4.50, 5.50] | 4.00× [3.50, 4.50]',
    'none | service | 200 | -',
    '4 clients | (a round trip more between clients and database, service, feature store, ± 0.250 ms)',
    'distance | side | TPS | p50 ms | TPS ÷ service [95 %] | p50 of service ÷',
    '2.50 ms | service | 800 | 5.00',
    '2.50 ms | service-fast | 1,600 | 2.50 | 2.00× [1.90, 2.10] | 2.00× [1.90, 2.10]',
    'Round trips of an answer | (ms of its median latency for each ms that a round trip takes more)',
    'side | clients | round trips [95 %]',
    'database | 1 | 1.01 [0.990, 1.03]',
    'service | 4 | 2.00',
    'Published, each side on a host of its own | (from the fewest to the most clients)',
    'first, TPS | last, TPS | gap',
    '6,000 | 1,500 | 4.00×',
    'somebody, 2022',
    'Premises',
    '✓ distance: as wanted',
  ])
})

test('where there is one distance, no jitter and nothing published, nothing is said of these', () => {
  expect(columnsOf(distanceTerminal({ ...alone, rows: [], premises: [] }))).toEqual(['Premises'])
  expect(columnsOf(distanceTerminal(alone)).slice(0, 2)).toEqual([
    'one client | (a round trip more between clients and a)',
    'distance | side | TPS | p50 ms | TPS ÷ a [95 %] | p50 of a ÷',
  ])
})

test('at a given rate all serve what is due: the gap is that in mean latency, in the table and in the chart', () => {
  const open = { ...run, rate: 100 }
  expect(columnsOf(distanceTerminal(open)).slice(1, 3)).toEqual([
    'distance | side | TPS | p50 ms | mean latency of service ÷ [95 %] | p50 of service ÷',
    'none | database | 1,000 | 1.00 | 4.80× [4.20, 5.40] | 4.00× [3.50, 4.50]',
  ])
  const drawn = chartsRead(distanceHtml(open)).Gap ?? []
  expect(drawn.filter((line) => /service ÷|rule|dot/.test(line)).join('\n')).toMatchInlineSnapshot(`
    "y | ↑ mean latency of service ÷ | 1 2 3 4 5 | log | grid
    rule, one client, stroke currentColor, stroke-opacity 0.5: 0 to 2.5; 1
    rule, 4 clients, stroke currentColor, stroke-opacity 0.5: 0 to 2.5; 1
    rule, one client, stroke side-1, stroke-width 2: 0; 4.2 to 5.4
    rule, 4 clients, stroke side-3, stroke-width 2: 2.5; 1.6 to 2.2
    dot, one client, fill side-1, r 3: 0; 4.8
    dot, 4 clients, fill side-3, r 3: 2.5; 1.8"
  `)
})

test('what is left is JSON, and a page with two charts and the figures behind them', async () => {
  const [json, page] = (await Promise.all(formats.map(({ render }) => render(run)))) as [string, string]
  expect(JSON.parse(json)).toMatchObject({ command: run.command, rate: 0, added: run.added })
  expect(page.match(/<svg/g)).toHaveLength(2)
  expect(page).toContain('one &amp; only')
  expect(page).toContain('null operations found 2.40, 2.51 ms')
  expect(page).not.toContain('null operations found 0')
  expect(page).toContain('Latency and gap by distance: none, 2.50 ms')
  expect(chartsRead(page)).toMatchInlineSnapshot(`
    {
      "Gap": [
        "440 by 430",
        "x | a round trip more on each link, ms → | 0.0 0.5 1.0 1.5 2.0 2.5 | linear | grid",
        "y | ↑ TPS ÷ service | 1 2 3 4 5 | log | grid",
        "fy |  | one client 4 clients",
        "frame, one client, stroke currentColor, stroke-opacity 0.2: around | around",
        "rule, one client, stroke currentColor, stroke-opacity 0.5: 0 to 2.5; 1",
        "rule, 4 clients, stroke currentColor, stroke-opacity 0.5: 0 to 2.5; 1",
        "rule, one client, stroke currentColor, stroke-dasharray 4 3, stroke-opacity 0.8: 0 to 2.5; 4",
        "rule, 4 clients, stroke currentColor, stroke-dasharray 4 3, stroke-opacity 0.8: 0 to 2.5; 4",
        "rule, one client, stroke side-1, stroke-width 2: 0; 4.5 to 5.5",
        "rule, 4 clients, stroke side-3, stroke-width 2: 2.5; 1.9 to 2.1",
        "line, one client, stroke side-1, stroke-width 1.5: 0,5",
        "line, 4 clients, stroke side-3, stroke-width 1.5: 2.5,2",
        "dot, one client, fill side-1, r 3: 0; 5",
        "dot, 4 clients, fill side-3, r 3: 2.5; 2",
      ],
      "Latency": [
        "440 by 430",
        "x | a round trip more on each link, ms → | 0.0 0.5 1.0 1.5 2.0 2.5 | linear | grid",
        "y | ↑ p50, ms | 0 1 2 3 4 5 | linear | grid",
        "fy |  | one client 4 clients",
        "frame, one client, stroke currentColor, stroke-opacity 0.2: around | around",
        "line, one client, stroke side-1, stroke-width 2: 0,1",
        "line, 4 clients, stroke side-2, stroke-width 2: 2.5,5",
        "line, 4 clients, stroke side-3, stroke-width 2: 2.5,2.5",
        "dot, one client, fill side-1, r 3: 0; 1",
        "dot, 4 clients, fill side-2, r 3: 2.5; 5",
        "dot, 4 clients, fill side-3, r 3: 2.5; 2.5",
      ],
    }
  `)
})

test('of one side there is no gap to be drawn; a broken premise is said above all', () => {
  const page = distanceHtml({ ...alone, premises: [{ name: 'distance', holds: false, seen: 'too far' }] })
  expect(page.match(/<svg/g)).toHaveLength(1)
  expect(page).toContain('Could not measure: a premise is broken')
  expect(page).not.toContain('Published')
})
