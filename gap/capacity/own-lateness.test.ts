import { expect, test } from 'vitest'
import { latenciesOf, sampleBlock } from '../fixture.ts'
import type { MeasuredBlock } from '../measurement.ts'
import { parseObjective } from './objective.ts'
import { withLateness, withoutClient } from './own-lateness.ts'

const oneToHundred = Array.from({ length: 100 }, (_, at) => at + 1)

test('a limit is longer by the same percentile of how late the client was, or by its mean', () => {
  const objective = parseObjective('p99<10ms,p50<5ms,mean<4ms,failures<1%')
  const { terms } = withLateness(objective, [
    { late: latenciesOf(oneToHundred) },
    { late: latenciesOf(oneToHundred) },
  ])
  const [p99, p50, mean] = terms.map((term) => (term.figure === 'failures' ? 0 : term.limitMs))
  // Buckets of the histogram are 0.1 % wide.
  expect(p99).toBeCloseTo(10 + 99, 0)
  expect(p50).toBeCloseTo(5 + 50, 0)
  expect(mean).toBeCloseTo(4 + 50.5, 0)
  expect(terms[3]).toEqual(objective.terms[3])
})

test('without a null server nothing is known, and nothing changes', () => {
  const objective = parseObjective('p99<10ms')
  expect(withLateness(objective, [])).toBe(objective)
})

const block = (key: string, rate: number, ms: number, pair = 1): MeasuredBlock => ({
  ...sampleBlock(key, pair, Array<number>(1000).fill(ms)),
  open: { rate, due: 1000, waited: 0, dropped: 0, growth: 0 },
})

/** Two rounds at each rate: one proves nothing. */
const rounds = [
  [100, 8],
  [105, 12],
  [110, 20],
].flatMap(([rate = 0, ms = 0]) => [1, 2].map((pair) => block('a', rate, ms, pair)))

test('of an interval the upper end is where a client that is never late would see the limit crossed', () => {
  // 10 ms are crossed at 105 a second; of the 12 ms there the client made 3, and without these they are crossed at 110.
  const nulls = [{ ...block('a:null', 105, 1), late: latenciesOf(Array<number>(1000).fill(3)) }]
  const found = { capacity: 102.5, low: 100, high: 105 }
  const asked = { side: 'a', nullKey: 'a:null', objective: parseObjective('p99<10ms'), seed: 1 }
  expect(withoutClient(found, [{ blocks: [...rounds, ...nulls] }], asked)).toEqual({ ...found, high: 110 })
  expect(withoutClient(found, [{ blocks: rounds }], asked)).toEqual(found)
  // Late requests of a side itself are what it made wait: a limit must not be longer for them.
  const late = [...rounds, block('b', 105, 12)].map((each) => ({ ...each, late: nulls[0]?.late }))
  expect(withoutClient(found, [{ blocks: late }], asked)).toEqual(found)
})

test('the mean is that of all requests, and blocks without lateness say nothing', () => {
  const objective = parseObjective('mean<4ms')
  const nulls = [{ late: latenciesOf([1]) }, { late: latenciesOf([3, 3, 3]) }, { late: latenciesOf([]) }, {}]
  const limit = (of: typeof nulls) => {
    const [term] = withLateness(objective, of).terms
    return term && 'limitMs' in term ? term.limitMs : undefined
  }
  expect(limit(nulls)).toBeCloseTo(4 + 2.5, 6)
  expect(withLateness(objective, nulls.slice(2))).toBe(objective)
  expect(withLateness(objective, nulls)).toMatchObject({ text: 'mean<4ms' })
})

test('an upper end that is higher already stays', () => {
  const nulls = [{ ...block('a:null', 105, 1), late: latenciesOf(Array<number>(1000).fill(3)) }]
  const asked = { side: 'a', nullKey: 'a:null', objective: parseObjective('p99<10ms'), seed: 1 }
  const found = { capacity: 102.5, low: 100, high: 150 }
  expect(withoutClient(found, [{ blocks: [...rounds, ...nulls] }], asked)).toEqual(found)
  // Where without lateness no rate is crossed, the side may well hold the highest that was measured, and more.
  const endless = [{ ...block('a:null', 105, 1), late: latenciesOf(Array<number>(1000).fill(30)) }]
  const before = { capacity: 102.5, low: 100, high: 105 }
  expect(withoutClient(before, [{ blocks: [...rounds, ...endless] }], asked)).toEqual({
    ...before,
    high: 110,
  })
})
