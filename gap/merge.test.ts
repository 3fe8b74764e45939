import { expect, test } from 'vitest'
import { sampleMeasurement } from './fixture.ts'
import { merged } from './merge.ts'

test('pairs and sessions are numbered on, premises add up', () => {
  const whole = merged([sampleMeasurement([4, 5]), sampleMeasurement([6])])
  expect(whole.pairs.map(({ pair, tps }) => [pair, tps])).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ])
  expect(whole.settings.pairs).toBe(3)
  expect(whole.premises.compared).toBe(3)
  const sessions = (them: { session: number }[] = []) => [...new Set(them.map(({ session }) => session))]
  expect(sessions(whole.connections)).toEqual([1, 2])
  expect(sessions(whole.time?.sessions)).toEqual([1, 2])
  expect(sessions(whole.time?.spent)).toEqual([1, 2])
  expect(whole.pairs.map(({ session }) => session)).toEqual([1, 1, 2])
  expect(whole.blocks.map(({ pair, session }) => [pair, session])).toEqual(
    [1, 1, 2, 2, 3, 3].map((pair) => [pair, pair < 3 ? 1 : 2]),
  )
  expect(whole.warmups.map(({ session }) => session)).toEqual([1, 2])
  expect(whole.settings.sessions).toBe(2)
})

test('one stays as it is, none is refused', () => {
  expect(merged([sampleMeasurement()])).toEqual(sampleMeasurement())
  expect(() => merged([])).toThrow(new RangeError('no measurement to merge'))
})
