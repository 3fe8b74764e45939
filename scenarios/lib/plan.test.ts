import { expect, test } from 'vitest'
import { generator } from '../../workload/draw.ts'
import { order } from './plan.ts'

test('a round has each side twice, the second half turned round', () => {
  const draw = generator(1, 0, 0)
  for (let round = 0; round < 50; round++) {
    const sides = order(3, draw)
    expect(sides).toHaveLength(6)
    expect([...sides.slice(0, 3)].sort()).toEqual([0, 1, 2])
    expect(sides.slice(3)).toEqual(sides.slice(0, 3).reverse())
  }
})

test('each side begins about as often, and the seed decides when', () => {
  const draw = generator(7, 0, 0)
  const first = Array.from({ length: 1000 }, () => order(2, draw)[0])
  const zeros = first.filter((side) => side === 0).length
  expect(zeros).toBeGreaterThan(430)
  expect(zeros).toBeLessThan(570)
  const again = generator(7, 0, 0)
  expect(Array.from({ length: 1000 }, () => order(2, again)[0])).toEqual(first)
  const other = generator(8, 0, 0)
  expect(Array.from({ length: 1000 }, () => order(2, other)[0])).not.toEqual(first)
})

test('neighbouring seeds do not begin alike', () => {
  for (let turn = 1; turn <= 4; turn++) {
    const firsts = Array.from({ length: 400 }, (_, seed) => {
      const draw = generator(seed, 1, 1)
      for (let skipped = 1; skipped < turn; skipped++) draw()
      return draw() % 2
    })
    const ones = firsts.filter((first) => first === 1).length
    expect(ones).toBeGreaterThan(160)
    expect(ones).toBeLessThan(240)
  }
})

test('one side alone', () => {
  const nobody = () => {
    throw new Error('there is nothing to draw')
  }
  expect(order(1, nobody)).toEqual([0, 0])
  expect(order(0, nobody)).toEqual([])
})
