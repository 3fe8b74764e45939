import { describe, expect, test } from 'vitest'
import type { Capacity } from './capacity.ts'
import { fleetOfOnePrice } from './fleet.ts'
import { fitOf, isPlanned, planOf, type SidePlan, type Wanted } from './plan.ts'

const database: Capacity = { side: 'database', capacity: 9000, low: 8000, high: 10_000, confirmed: 8000 }
const wanted: Wanted = { demand: 50_000, headroom: 0.3, spare: 1 }

function planned(capacity: Capacity, change: Partial<Wanted> = {}): SidePlan {
  const [side] = planOf([capacity], { ...wanted, ...change }).sides
  if (!side || !isPlanned(side)) throw new Error('expected a plan')
  return side
}

test('hosts are rounded up, and so they are at the ends of the interval', () => {
  // 50,000 ÷ (9,000 × 0.7) = 7.94; ÷ (10,000 × 0.7) = 7.14; ÷ (8,000 × 0.7) = 8.93.
  expect(planned(database)).toMatchObject({ needed: 8, hosts: 9, fewest: 9, most: 10 })
  expect(planned(database, { spare: 0 })).toMatchObject({ needed: 8, hosts: 8, fewest: 8, most: 9 })
})

// Five fresh sessions did not all hold the lower end, so that it is no rate to count hosts by.
test('where only a lower rate was confirmed, the most hosts are those at that rate', () => {
  // 50,000 ÷ (5,000 × 0.7) = 14.3.
  const below = { ...database, confirmed: 5000 }
  expect(planned(below)).toMatchObject({ needed: 8, hosts: 9, fewest: 9, most: 16 })
  // More that was confirmed does not narrow an interval.
  expect(planned({ ...database, confirmed: 8500 }).most).toBe(10)
})

test('use is what the demand takes of each host, with the spare ones and without', () => {
  const { use, useWithoutSpare } = planned(database)
  expect(use).toBeCloseTo(50 / 81, 12)
  expect(useWithoutSpare).toBeCloseTo(50 / 72, 12)
})

test('what fits exactly needs no host more, whatever fractions of two make of it', () => {
  const exact = { side: 'a', capacity: 1000, low: 1000, high: 1000 }
  for (let percent = 0; percent < 100; percent++)
    for (const hosts of [1, 3, 7, 1000])
      expect(
        planned(exact, { headroom: percent / 100, demand: hosts * 10 * (100 - percent), spare: 0 }),
      ).toMatchObject({ hosts, fewest: hosts, most: hosts })
  expect(planned(exact, { headroom: 0, demand: 3000.01, spare: 0 }).hosts).toBe(4)
})

test.each([
  // 7 hosts of 9,000 serve 63,000, but are used to 79 %; 1 of 9,000 cannot serve 12,000.
  [50_000, 7, 'headroom'],
  [12_000, 1, 'capacity'],
] as const)('at %d one host fewer is %d, and exceeds its %s', (demand, hosts, exceeds) => {
  const { fewer } = planned(database, { demand })
  expect(fewer).toMatchObject({ hosts, exceeds })
  expect(fewer?.use).toBeCloseTo(demand / (hosts * 9000), 12)
})

test.each([
  // Of 9,000 each: 9 are used to 70 % by 56,700, and 6 wholly by 54,000. A request more is too much for so many hosts.
  [56_700, 9, 'nothing'],
  [56_701, 9, 'headroom'],
  [54_000, 6, 'headroom'],
  [54_001, 6, 'capacity'],
] as const)('at %d a second %d hosts exceed their %s', (demand, hosts, exceeds) => {
  expect(fitOf({ ...wanted, demand }, 9000, hosts)).toEqual({ hosts, use: demand / (hosts * 9000), exceeds })
})

test('one host is the least there is, and has no fewer', () => {
  expect(planned(database, { demand: 0.5 })).toMatchObject({ needed: 1, hosts: 2, fewest: 2 })
  expect(planned(database, { demand: 0.5 })).not.toHaveProperty('fewer')
})

test('where a side does at least so much, hosts are at most so many', () => {
  const limited = { ...database, atLeast: { rate: 9500, why: 'client-limited' } }
  // 50,000 ÷ (9,500 × 0.7) = 7.52
  expect(planned(limited)).toMatchObject({
    ...{ capacity: 9500, atMost: 'client-limited', needed: 8, hosts: 9, most: 9, fewest: 2 },
  })
  expect(planned(database)).not.toHaveProperty('atMost')
})

test('a side of which no capacity is known has no hosts, and says why', () => {
  const { sides } = planOf([{ side: 'slow', why: 'no rate confirmed' }, database], wanted)
  expect(sides[0]).toEqual({ side: 'slow', why: 'no hosts are planned: no rate confirmed' })
  expect(sides[1]).toMatchObject({ side: 'database', hosts: 9 })
})

describe('cost', () => {
  test('of one price for each host', () => {
    const { cost, costRange } = planned(database, { fleet: fleetOfOnePrice(0.34, ['database']) })
    // 9 hosts, 730 hours a month, 180 million predictions an hour.
    expect(cost?.hour).toBeCloseTo(3.06, 12)
    expect(cost?.month).toBeCloseTo(2233.8, 9)
    expect(cost?.perMillion).toBeCloseTo(0.017, 12)
    expect(cost?.parts).toEqual([{ name: 'host', number: 9, hour: 9 * 0.34 }])
    expect(costRange?.low.hour).toBeCloseTo(9 * 0.34, 12)
    expect(costRange?.high?.hour).toBeCloseTo(10 * 0.34, 12)
  })

  test('of parts that hosts share, and of those that are there once', () => {
    const fleet = {
      currency: 'USD',
      sides: {
        database: {
          parts: [
            { name: 'service', price: 1 },
            { name: 'store', price: 10, each: 4 },
            { name: 'balancer', price: 100, count: 2 },
          ],
        },
      },
    }
    const plan = planOf([database, { ...database, side: 'other' }], { ...wanted, fleet })
    expect(plan.currency).toBe('USD')
    const [own, other] = plan.sides as [SidePlan, SidePlan]
    // 9 hosts: 9 services, ⌈9 ÷ 4⌉ = 3 stores, 2 balancers.
    expect(own.cost?.parts).toEqual([
      { name: 'service', number: 9, hour: 9 },
      { name: 'store', number: 3, hour: 30 },
      { name: 'balancer', number: 2, hour: 200 },
    ])
    expect(own.cost?.hour).toBe(239)
    expect(other).not.toHaveProperty('cost')
    expect(other).not.toHaveProperty('costRange')
  })

  test('nobody said prices, so none is told', () => {
    expect(planned(database)).not.toHaveProperty('cost')
    expect(planOf([database], wanted)).not.toHaveProperty('currency')
  })

  test('a host may cost nothing', () => {
    expect(planned(database, { fleet: fleetOfOnePrice(0, ['database']) }).cost).toMatchObject({
      ...{ hour: 0, month: 0, perMillion: 0 },
    })
  })
})

test('where the interval reaches 0 no number of hosts is enough at that end', () => {
  const wide = { ...database, low: 0, high: Number.MAX_VALUE }
  const plan = planned(wide, { fleet: fleetOfOnePrice(1, ['database']) })
  expect(plan).toMatchObject({ hosts: 9, fewest: 2, most: null })
  expect(plan.costRange?.high).toBeNull()
})

test('a side that holds no rate has no plan', () => {
  const [side] = planOf([{ side: 'slow', capacity: 0, low: 0, high: 3 }], wanted).sides
  expect(side).toEqual({
    side: 'slow',
    why: 'at 0 predictions a second for each host no number of hosts is enough',
  })
})

test.each([
  [{ demand: 0 }, 'demand 0; '],
  [{ demand: Number.NaN }, 'demand NaN; '],
  [{ demand: Number.POSITIVE_INFINITY }, 'demand Infinity; '],
  [{ headroom: 1 }, 'headroom 1; '],
  [{ headroom: -0.1 }, 'headroom -0.1; '],
  [{ spare: 0.5 }, 'spare 0.5; '],
  [{ spare: -1 }, 'spare -1; '],
])('%o is refused', (change, expected) => {
  expect(() => planned(database, change)).toThrow(expected)
})
