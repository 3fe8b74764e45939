/** Rows behind the charts of a search, at their edges. */
import { expect, test } from 'vitest'
import { tablesOn } from '../html/fixture.ts'
import { capacitiesOf, costs, curves, latencyRows, limitedOf } from './data.ts'
import { fullSampleCapacityRun, sampleCapacityRun } from './fixture.ts'
import { capacityHtml } from './html.ts'
import type { CapacityRun, CapacitySide } from './run.ts'

const firstOf = (run: CapacityRun) => run.sides[0] as CapacitySide

test('points stand by their rates, and what was answered in no time at all is none', () => {
  const side = firstOf(sampleCapacityRun())
  const [first, second] = side.rates
  if (!first || !second) throw new Error('no rates')
  first.latencyMs.p99 = 0
  side.rates.reverse()
  expect(latencyRows(side, 'p99').map(({ rate, ms, verdict }) => [Math.round(rate), ms, verdict])).toEqual([
    [4010, 9.1, 'holds'],
    [4120, 9.9, 'undecided'],
    [4532, 25, 'crossed'],
  ])
  second.latencyMs.p99 = Number.POSITIVE_INFINITY
  expect(latencyRows(side, 'p99')).toHaveLength(2)
})

test('the chart is of the first latency that the objective limits, by the name that its rates have', () => {
  const side = firstOf(sampleCapacityRun())
  expect(limitedOf({ ...side, objective: 'p50<1ms,p99<10ms' })).toEqual({ figure: 'p50', limitMs: 1 })
  expect(limitedOf({ ...side, objective: 'p99.9<3ms,p95<2ms' })).toEqual({ figure: 'p95', limitMs: 2 })
  expect(limitedOf({ ...side, objective: 'failures<1%' })).toEqual({ figure: 'p99' })
  // A side that held at no rate has none.
  expect(limitedOf({ ...side, rates: [] })).toEqual({ figure: 'p99' })
})

test('what a side does at least is taken where fresh sessions did not deny it', () => {
  const run = sampleCapacityRun()
  const side = firstOf(run)
  const atLeast = { rate: 4500, why: 'client-limited' }
  side.atLeast = atLeast
  const ends = { capacity: 4500, low: 4500, high: 4500 }
  expect(capacitiesOf(run)[0]).toEqual({ side: 'postgres', ...ends, confirmed: 4010, atLeast })
  delete side.confirmed
  expect(capacitiesOf(run)[0]).toEqual({ side: 'postgres', ...ends, atLeast })
  side.unconfirmed = 'p99<10ms: 120 %'
  expect(capacitiesOf(run)[0]).toEqual({
    side: 'postgres',
    why: 'at least 4,500, client-limited; not confirmed in fresh sessions: p99<10ms: 120 %',
  })
})

test('costs go to twice the demand in steps of a fortieth, and without prices there are none', () => {
  const run = fullSampleCapacityRun()
  const rows = costs(run).filter(({ key }) => key === 'python')
  expect(rows).toHaveLength(80)
  expect(rows.slice(0, 2).map(({ demand }) => demand)).toEqual([1250, 2500])
  // ⌈1,250 ÷ (1,005 × 0.7)⌉ = 2 hosts, and one to spare, at 0.34 an hour.
  expect(rows[0]).toMatchObject({ key: 'python', hour: expect.closeTo(3 * 0.34), low: expect.closeTo(1.02) })
  // At the ends of the interval, of 980 and 1,030 requests a second.
  const last = rows.at(-1)
  expect(last?.low).toBeCloseTo(0.34 * (Math.ceil(100_000 / (1030 * 0.7)) + 1))
  expect(last?.high).toBeCloseTo(0.34 * (Math.ceil(100_000 / (980 * 0.7)) + 1))
  expect(last?.isEndless).toBe(false)
  // Of a side whose lower end is nothing no number of hosts is enough: the cost has no upper end.
  const { found } = run.sides[1] as CapacitySide
  if (found) found.low = 0
  const open = costs(run).find(({ key }) => key === 'python')
  expect(open).toMatchObject({ high: open?.hour, isEndless: true })
  expect(
    tablesOn(capacityHtml(run))["Cost an hour of all hosts [at the ends of the capacity's interval]"]?.[1],
  ).toEqual([
    // 12,500 ÷ (4,120 × 0.7) = 4.3, and ÷ (1,005 × 0.7) = 17.8.
    ...['12,500', '2.04 [2.04, 2.04]', '6.46 [6.46, ∞]'],
  ])
  // A side without a capacity, and one without a price, have no cost.
  delete firstOf(run).confirmed
  expect([...new Set(costs(run).map(({ key }) => key))]).toEqual(['python'])
  if (run.plan?.fleet) delete run.plan.fleet.sides.python
  expect(costs(run)).toEqual([])
  if (run.plan) delete run.plan.fleet
  expect(costs(run)).toEqual([])
})

test("the law's interval stays in view, and holds the law", () => {
  const run = fullSampleCapacityRun()
  const [first, second] = run.scaling ?? []
  if (!first || !second || 'impossible' in first.law) throw new Error('no law')
  const row = (clients: number, value: number, low: number, high: number) => ({ clients, value, low, high })
  first.law.curve = [
    row(1, 1000, -5, 1e9),
    row(2, 1000, 1200, 900),
    row(200, 20_000, 900, 1e9),
    row(201, 1, 1, 1),
  ]
  second.law = { impossible: 'There are too few' }
  // In view is twice the most that any side served: 4,120 × 1.2 × 100 ÷ 102.
  const top = (2 * 4120 * 1.2 * 100) / 102
  expect(curves(run)).toEqual([
    { key: 'postgres', clients: 1, value: 1000, low: 0, high: expect.closeTo(top) },
    { key: 'postgres', clients: 2, value: 1000, low: 1000, high: 1000 },
    { key: 'postgres', clients: 200, value: 20_000, low: 900, high: 20_000 },
  ])
  delete run.scaling
  expect(curves(run)).toEqual([])
})
