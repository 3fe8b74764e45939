import { expect, test } from 'vitest'
import { pause, plan } from './plan.ts'
import type { Target } from './settings.ts'

const settings = {
  clients: [1, 5],
  pairs: 4,
  blockSeconds: 3,
  warmupSeconds: 2,
  seed: 1,
  sides: ['postgres', 'python'] as Target[],
}

test('for each number of clients a warm-up of both, then pairs of both', () => {
  const blocks = plan(settings)
  expect(blocks).toHaveLength(2 * (1 + 4) * 2)
  for (const clients of settings.clients)
    for (let pair = 0; pair <= 4; pair++) {
      const both = blocks.filter((block) => block.clients === clients && block.pair === pair)
      expect(both.map(({ target }) => target).sort()).toEqual(['postgres', 'python'])
      expect(both.every(({ phase }) => phase === (pair === 0 ? 'warmup' : 'measure'))).toBe(true)
    }
})

test('the order turns round from pair to pair', () => {
  const first = plan(settings)
    .filter(({ clients }) => clients === 1)
    .filter((_, index) => index % 2 === 0)
    .map(({ target }) => target)
  for (let index = 1; index < first.length; index++) expect(first[index]).not.toBe(first[index - 1])
})

test('another seed lets the other one begin', () => {
  expect(plan({ ...settings, seed: 2 })[0]?.target).not.toBe(plan(settings)[0]?.target)
})

test('blocks never overlap', () => {
  const blocks = plan(settings)
  for (const [index, block] of blocks.entries()) {
    const next = blocks[index + 1]
    if (next) expect(next.start).toBeCloseTo(block.start + block.duration + pause, 9)
  }
  expect(new Set(blocks.map(({ name }) => name)).size).toBe(blocks.length)
})

test('a target against itself, or alone', () => {
  const against = plan({ ...settings, sides: ['python', 'python'] })
  expect(against.every(({ target }) => target === 'python')).toBe(true)
  expect(against.filter(({ side }) => side === 1)).toHaveLength(against.length / 2)
  expect(new Set(against.map(({ name }) => name)).size).toBe(against.length)
  expect(plan({ ...settings, sides: ['postgres'] })).toHaveLength(2 * 5)
})
