import { expect, test } from 'vitest'
import type { Ladder } from '../gap/capacity/ladder.ts'
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
