import { expect, test } from 'vitest'
import { merged } from './merge.ts'
import { sampleMeasurement } from './sample.ts'

test('pairs are numbered on, warm-ups stay warm-ups, premises add up', () => {
  const whole = merged([sampleMeasurement([4, 5]), sampleMeasurement([6])])
  expect(whole.pairs.map(({ pair, tps }) => [pair, tps])).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ])
  expect(whole.settings.pairs).toBe(3)
  expect(whole.premises.pythonConnections).toBe(10)
  expect(whole.blocks.filter(({ phase }) => phase === 'warmup').every(({ pair }) => pair === 0)).toBe(true)
  expect(whole.blocks).toHaveLength(10)
})

test('one stays as it is, none is refused', () => {
  expect(merged([sampleMeasurement()])).toEqual(sampleMeasurement())
  expect(() => merged([])).toThrow(RangeError)
})
