import { expect, test } from 'vitest'
import type { Ladder } from '../gap/capacity/ladder.ts'
import { columnsOf } from './fixture.ts'
import { ladderReport } from './ladder.ts'

const rung = { rate: 200, rounds: 2, due: 2000, used: 0.5, isGrowing: false, lateP99Ms: 0.25 }
const ladder: Ladder = { side: 'database', objective: 'p99<10ms', rungs: [rung] }
const capacity = {
  capacity: 250,
  low: 240,
  high: 270,
  way: 'fit',
  bracket: [200, 300],
  slope: 1,
  rounds: 8,
} as const

test.each<[string, Partial<Ladder>, string]>([
  ['both ends', { holds: 200, crossed: 300, capacity }, 'database (p99<10ms): 250/s [240, 270]'],
  ['no rate that is crossed', { holds: 200 }, '200/s or more; no rate was crossed'],
  ['no rate that holds', { crossed: 200 }, 'below 200/s; no rate held'],
  [
    'a client that ended first',
    { holds: 200, crossed: 300, clientLimit: 'the client was late' },
    '200/s or more, client-limited: at 300/s the client was late',
  ],
  [
    'a client that was late at all rates',
    { crossed: 300, clientLimit: 'the client was late' },
    'nothing is known, client-limited: at 300/s the client was late',
  ],
])('%s', (_, more, words) => {
  expect(ladderReport([{ ...ladder, ...more }])).toContain(words)
})

test.each([
  [rung, /200 +2 +2,000 +50 % +yes +0\.250/],
  [{ ...rung, used: 1.8 }, /180 % +no +/],
  [{ ...rung, isGrowing: true }, /50 % +no, a backlog grows/],
])('a rate is told by what it used', (one, words) => {
  expect(ladderReport([{ ...ladder, holds: 200, rungs: [one] }])).toMatch(words)
})

test('the whole of two ladders: all rates first, then what is said of each', () => {
  const other = { ...ladder, side: 'service', rungs: [{ ...rung, rate: 90, used: 1 }] }
  const text = ladderReport([
    { ...ladder, holds: 200, crossed: 300, capacity },
    { ...other, crossed: 80 },
  ])
  expect(columnsOf(text)).toEqual([
    'side | requests/s | rounds | due | used of what is allowed | holds | client late, p99, ms',
    'database | 200 | 2 | 2,000 | 50 % | yes | 0.250',
    // As much as is allowed is not more.
    'service | 90.0 | 2 | 2,000 | 100 % | yes | 0.250',
    'database (p99<10ms): 250/s [240, 270], between the rates that hold and those that are crossed; no fresh session has confirmed it',
    'service (p99<10ms): below 80.0/s; no rate held',
  ])
  expect(text.split('\n').slice(-3)[0]).toBe('')
  expect(text.split('\n').at(-1)).toMatch(/^ {2}service/)
})
