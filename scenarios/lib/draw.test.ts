import { expect, test } from 'vitest'
import { generator } from './draw.ts'

test('draws are whole, below the bound, even, and repeatable', () => {
  const below = 10
  const counts = Array.from({ length: below }, () => 0)
  const [next, again] = [generator(1, 2, 3, below), generator(1, 2, 3, below)]
  for (let turn = 0; turn < 100_000; turn++) {
    const drawn = next()
    if (again() !== drawn) throw new Error(`the ${turn}th is another`)
    counts[drawn] = (counts[drawn] as number) + 1
  }
  // 10,000 of each, with a standard deviation of 95.
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(475)
})

test('neighbouring seeds, users and blocks draw other sequences', () => {
  const firsts = new Set<number>()
  for (let seed = 0; seed < 10; seed++)
    for (let user = 0; user < 10; user++)
      for (let block = 0; block < 10; block++) firsts.add(generator(seed, user, block)())
  expect(firsts.size).toBeGreaterThan(995)
})

// MINSTD with the multiplier 48271 on a state mixed by MurmurHash3's finalizer, eight steps on; computed in Python with whole numbers.
test.each([
  [1, 2, 3, [1913413286, 1248602953, 37155831]],
  [0, 0, 0, [2098282587, 132594592, 972330642]],
  [42, 7, 1000, [574334274, 1823389401, 65067999]],
])('seed %i, user %i, block %i', (seed, user, block, expected) => {
  const next = generator(seed, user, block)
  expect([next(), next(), next()]).toEqual(expected)
  const below = generator(seed, user, block, 1000)
  expect([below(), below(), below()]).toEqual(expected.map((each) => each % 1000))
})
