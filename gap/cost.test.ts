import { expect, test } from 'vitest'
import { clientCosts, netGap } from './cost.ts'
import { sampleBlock, sampleMeasurement } from './sample.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

test('what the null operation takes is taken off', () => {
  const measurement = sampleMeasurement()
  measurement.blocks.push(
    { ...sampleBlock('postgres', 1, repeat(5000, 0.2)), key: 'postgres-null', phase: 'beside' },
    { ...sampleBlock('postgres', 1, repeat(2000, 0.5)), key: 'postgres-constant', phase: 'beside' },
    { ...sampleBlock('python', 1, repeat(1000, 1)), key: 'python-null', phase: 'beside' },
    { ...sampleBlock('python', 1, repeat(500, 2)), key: 'python-framework', phase: 'beside' },
    { ...sampleBlock('python', 1, repeat(250, 4)), key: 'python-store', phase: 'beside' },
  )
  const costs = clientCosts(measurement)
  expect(costs.map(({ target, clients }) => [target, clients])).toEqual([
    ['postgres', 1],
    ['python', 1],
  ])
  const [postgres, python] = costs
  expect(postgres?.netMs).toBeCloseTo(0.8)
  expect(postgres?.nullP50Ms).toBeCloseTo(0.2, 2)
  expect(postgres?.constantMs).toBeCloseTo(0.5)
  expect(postgres?.headroom.median).toBeCloseTo(5)
  expect(python?.netMs).toBeCloseTo(4)
  expect(python?.constantMs).toBeUndefined()
  expect([python?.frameworkMs, python?.storeMs]).toEqual([2, 4])
  expect(postgres?.storeMs).toBeUndefined()
  expect(netGap(costs, 1)).toBeCloseTo(5)
  expect(netGap(costs, 2)).toBeUndefined()
})

test('without null operations nothing is said', () => {
  expect(clientCosts(sampleMeasurement())).toEqual([])
  expect(netGap([], 1)).toBeUndefined()
})
