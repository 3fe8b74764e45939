import { expect, test } from 'vitest'
import { sharedTurn, turnLength } from '../../workload/turns.ts'
import { alone, shared } from './timetable.ts'

test('alone each turn begins when the one before is over', () => {
  const times = alone(1.5)
  expect(times.opened(123, 500)).toBe(123)
  expect(times.ended(456, 25)).toBe(456)
  expect(times.turn(1, 0)).toBe(turnLength(1))
})

test('alone a turn has room for ten answers, and a block for two turns', () => {
  const times = alone(1.5)
  expect([0, 2.5, 3, 60, 80, 5000].map((ms) => times.turn(1, ms))).toEqual([25, 25, 30, 750, 750, 750])
  expect([2, 2.5, 60].map((ms) => alone(6).turn(5, ms))).toEqual([100, 100, 600])
})

test('shared moments are the same for all, whenever each is ready', () => {
  const [early, late] = [shared(1000, 500), shared(1000, 500)]
  const moments = (times: typeof early, free: number) => [
    times.opened(free, 2000),
    times.ended(free + 5000, 500),
    times.ended(free, 500),
    times.opened(free, 0),
  ]
  expect(moments(early, 1)).toEqual([3000, 3600, 4200, 4200 + sharedTurn.opening])
  expect(moments(late, 9999)).toEqual([3000, 3600, 4200, 4200 + sharedTurn.opening])
})

test('a shared turn is never shorter than it was told to be, and longer for many clients', () => {
  const times = shared(0, 500)
  expect([times.turn(1, 0), times.turn(100, 0)]).toEqual([500, turnLength(100)])
  expect(times.besideTurn(1)).toBe(500)
  expect(times.warmUpTurn(100)).toBe(500)
  expect(shared(0, 2000).turn(1, 900)).toBe(2000)
})
