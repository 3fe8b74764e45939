import { expect, test } from 'vitest'
import { random } from '../../workload/random.ts'
import { exponentialQueue } from './fixture.ts'
import { parseObjective } from './objective.ts'
import { turnsOf } from './turns.ts'

const of = (...texts: string[]) => turnsOf(texts.map(parseObjective))

test.each([
  ['p99<10ms,failures<0.1%', 4, 0.4],
  ['p99<1us', 4, 0.4],
  ['failures<1%', 4, 0.4],
  // e to the power of -4.605 is 0.01, so that 100 ms are 4.605 decays: 150 of them take 3.2572 s.
  ['p99<100ms', 13.0288, 3.2572],
  // A percentile further out has its decays in the same limit closer together; a mean is one itself.
  ['p99.9<100ms', 8.6859, 2.1715],
  ['mean<10ms', 6.2, 1.5],
  ['p50<10ms', 8.6562, 2.164],
  ['p99<10s', 16, 4],
])('%s: %d s of each side, %d of each turn before what counts', (text, block, lead) => {
  const found = of(text)
  expect(found.block).toBeCloseTo(block, 3)
  expect(found.lead).toBeCloseTo(lead, 3)
})

test('the slowest limit of any side decides', () => {
  expect(of('p99<10ms', 'p99<100ms,p50<1ms')).toEqual(of('p99<100ms'))
})

test('a length that someone asked for stays, with a fifth to half of each turn before what counts', () => {
  const turns = (text: string, block: number) => turnsOf([parseObjective(text)], block)
  expect(turns('p99<10ms', 10)).toEqual({ block: 10, lead: 1 })
  expect(turns('p99<100ms', 4)).toEqual({ block: 4, lead: 1 })
  expect(turns('p99<10ms', 2)).toEqual({ block: 2, lead: 0.4 })
})

// A queue of one server, 400 services a second: at 354 requests a second 1 of 100 takes more than 100 ms in the long run
// (400 - 4.605 ÷ 0.1). One that has just begun is quicker, and so it seems to hold more.
test('what counts of a slow queue is what it is in the long run', () => {
  const over = (lead: number, counted: number) => {
    const next = random(1)
    const server = exponentialQueue(1, 400)
    let [late, all] = [0, 0]
    for (let turn = 0; turn < 6000; turn++) {
      const arrivals: number[] = []
      for (let at = -Math.log(1 - next()) / 354; at < lead + counted; at += -Math.log(1 - next()) / 354)
        arrivals.push(at)
      const latencies = server(Float64Array.from(arrivals), next, 354)
      for (const [index, at] of arrivals.entries())
        if (at >= lead) {
          all++
          if ((latencies[index] as number) > 0.1) late++
        }
    }
    return late / all
  }
  const { block, lead } = of('p99<100ms')
  const seen = over(lead, block / 2 - lead)
  expect(seen).toBeGreaterThan(0.0088)
  expect(seen).toBeLessThan(0.0112)
  // What a quick limit has would not do.
  expect(over(0.4, 1.6)).toBeLessThan(0.0082)
})
