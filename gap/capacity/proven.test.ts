import { expect, test } from 'vitest'
import type { Point } from './evidence.ts'
import { capacityOf } from './fit.ts'
import { parseObjective } from './objective.ts'
import { provenEnds } from './proven.ts'

const objective = parseObjective('p99<10ms')

/** A round at each of the rates; above 200/s no request is in time, below all are. */
const cliffAt = (rates: readonly number[], due: number): Point[] =>
  rates.map((rate, at) => ({
    ...{ side: 'a', rate, session: 1, round: at + 1, seconds: 2, due, answered: due, failed: 0 },
    ...{ within: [rate <= 200 ? due : 0], growth: 0, lateP99Ms: 0, dropped: 0 },
  }))

/** Of so many requests none over the limit is no proof that fewer than one in a hundred are: 1 - 0.025^(1/n) (Clopper & Pearson). */
const enough = Math.ceil(Math.log(0.025) / Math.log(0.99))

// A rate that held in a round or two by luck was an interval's end, and minRate passed by it.
test.each([
  ['two rounds that have enough of them together prove a rate', [100, 150, 200, 200], enough / 2, 200],
  ['with fewer a lower rate is what they prove', [100, 150, 200, 200], enough / 2 - 1, 150],
  ['one round says nothing of how rounds differ', [100, 150, 200], 1e5, 150],
  ['nothing is proven: the lowest of all', [150, 200], 10, 150],
])('%s', (_, held, due, low) => {
  const points = cliffAt([...held, 210, 210], due)
  expect(provenEnds(points, objective, [200, 210], 1)[0]).toBe(low)
  expect(capacityOf(points, 'a', objective)).toMatchObject({
    ...{ way: 'bisection', bracket: [200, 210], low, high: 210 },
    // What is found stays the middle of the two rates.
    capacity: Math.sqrt(200 * 210),
  })
})

test.each([
  ['one round at a rate that is crossed proves the next higher one', [210, 220, 300], 220],
  ['two prove it', [210, 210, 220], 210],
  ['nothing is proven: the highest of all', [210], 210],
])('%s', (_, crossed, high) => {
  const points = cliffAt([200, 200, ...crossed], 1000)
  expect(provenEnds(points, objective, [200, 210], 1)[1]).toBe(high)
})
