import { expect, test } from 'vitest'
import { latenciesOf, sampleMeasurement } from './fixture.ts'
import { hiddenStalls } from './omission.ts'

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

function openMeasurement(all: number[], alone: number[]) {
  const measurement = sampleMeasurement([1])
  measurement.settings.rate = 100
  for (const block of measurement.blocks)
    if (block.key === 'python') {
      block.ok = latenciesOf(all)
      block.alone = latenciesOf(alone)
    }
  return measurement
}

test('a stall that thirty waited for and one would have met', () => {
  const [stall, ...more] = hiddenStalls(
    openMeasurement([...repeat(470, 2), ...repeat(30, 200)], [...repeat(470, 2), 200]),
  )
  expect(more).toEqual([])
  expect(stall?.key).toBe('python')
  expect(stall?.p99Ms).toBeCloseTo(200, 0)
  expect(stall?.closedP99Ms).toBeCloseTo(2, 1)
})

test('no stall, nothing hidden', () => {
  expect(hiddenStalls(openMeasurement(repeat(500, 2), repeat(480, 2)))).toEqual([])
})

test('the closed model cannot tell', () => {
  expect(hiddenStalls(sampleMeasurement())).toEqual([])
})

test('what is told begins above twice of what one client would have seen', () => {
  // So short that a histogram keeps them to the nanosecond.
  expect(hiddenStalls(openMeasurement(repeat(500, 0.001024), repeat(500, 0.000512)))).toEqual([])
  expect(hiddenStalls(openMeasurement(repeat(500, 0.001088), repeat(500, 0.000512)))).toHaveLength(1)
})

test('warm-ups and questions beside do not hide or show one', () => {
  const measurement = openMeasurement(repeat(500, 2), repeat(500, 2))
  const [first] = measurement.blocks.filter(({ key }) => key === 'python')
  if (first) measurement.blocks.push({ ...first, phase: 'beside', ok: latenciesOf(repeat(5000, 900)) })
  expect(hiddenStalls(measurement)).toEqual([])
})

test('blocks before which nobody was alone take no part in what one client would have seen', () => {
  const measurement = openMeasurement(repeat(500, 200), repeat(500, 2))
  for (const block of measurement.blocks) if (block.pair > 1) delete block.alone
  measurement.blocks.push(...sampleMeasurement([1, 1]).blocks.map((block) => ({ ...block, key: 'python' })))
  expect(hiddenStalls(measurement).map(({ key }) => key)).toEqual(['python'])
})
