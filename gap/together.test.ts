import { expect, test } from 'vitest'
import { sampleMeasurement, samplePart } from './fixture.ts'
import type { OwnPart } from './measurement.ts'
import { ofParts } from './together.ts'

const premises = (...parts: OwnPart[]) =>
  Object.fromEntries(ofParts({ ...sampleMeasurement(), parts }).map((premise) => [premise.name, premise]))

test('one k6 alone has no premise of parts', () => {
  expect(ofParts(sampleMeasurement())).toEqual([])
})

test('all of them there, by one clock and in time', () => {
  const seen = premises(samplePart(1, 2), samplePart(2, 2))
  expect(Object.values(seen).map(({ holds }) => holds)).toEqual([true, true, true])
  expect(seen['one clock']?.seen).toContain(
    'is 1.5 ms behind postgres (± 0.2 ms); of turns of 500 ms it may be 50 ms',
  )
})

test('a part that is missing is named, also where the others are of several sessions', () => {
  expect(premises(samplePart(1, 3), samplePart(3, 3))['all parts']).toMatchObject({
    holds: false,
    seen: 'part 2 of 3 is missing',
  })
  const later = { session: 2, startAt: '2026-01-02T04:04:05.000Z' }
  expect(premises(samplePart(1, 2), samplePart(2, 2), samplePart(2, 2, later))['all parts']).toMatchObject({
    holds: false,
    seen: 'part 1 of 2 of session 2 is missing',
  })
})

test('a part that was ended in the middle is named', () => {
  expect(premises(samplePart(1, 2), samplePart(2, 2, { turns: 40 }))['all parts']).toMatchObject({
    holds: false,
    seen: 'part 2 ended after 40 of 100 turns',
  })
})

// A job that reaches its time limit ends all of them at once: then none has fewer turns than another.
test('pairs that no part has are told', () => {
  const measurement = { ...sampleMeasurement(), parts: [samplePart(1, 2), samplePart(2, 2)] }
  measurement.blocks = measurement.blocks.filter(
    ({ key, pair }) => pair <= 3 && !(key === 'python' && pair === 3),
  )
  expect(ofParts(measurement)[0]).toMatchObject({
    name: 'all parts',
    holds: false,
    seen: 'of postgres at 1 client 3 of 4 pairs were measured; of python at 1 client 2 of 4 pairs were measured',
  })
})

test.each([
  [49.8, true],
  [-49.8, true],
  [50, false],
  [-100, false],
])('%s ms of a turn of 500: a tenth is the most, with what may be wrong of it', (aheadMs, holds) => {
  const skew = { key: 'postgres', aheadMs, withinMs: 0.2 }
  expect(premises(samplePart(1, 2), samplePart(2, 2, { skew }))['one clock']?.holds).toBe(holds)
})

test('of longer turns more is allowed, and where nobody told the time nothing is', () => {
  const skew = { key: 'postgres', aheadMs: 100, withinMs: 1 }
  const long = { turnMs: 2000, skew }
  expect(premises(samplePart(1, 2, long), samplePart(2, 2, long))['one clock']?.holds).toBe(true)
  expect(premises(samplePart(1, 2), samplePart(2, 2, { skew: null }))['one clock']).toMatchObject({
    holds: false,
    seen: expect.stringContaining('part 2 is not known'),
  })
})

test('of a hundred turns five may be late', () => {
  expect(premises(samplePart(1, 2), samplePart(2, 2, { late: 5 }))['turns in time']?.holds).toBe(true)
  expect(premises(samplePart(1, 2), samplePart(2, 2, { late: 6 }))['turns in time']).toMatchObject({
    holds: false,
    seen: 'part 2 began 6.0 % of its turns late',
  })
})
