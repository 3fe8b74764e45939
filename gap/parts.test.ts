import { expect, test } from 'vitest'
import { figuresOf } from './figures.ts'
import { latenciesOf, sampleBlock, sampleMeasurement } from './fixture.ts'
import type { MeasuredBlock, Measurement, OwnPart } from './measurement.ts'
import { joined, together } from './parts.ts'

const range = <Of>(count: number, value: (index: number) => Of): Of[] =>
  Array.from({ length: count }, (_, index) => value(index))

/** Latencies of one part and of another: no two are alike. */
const ms = { 1: range(4000, (index) => 1 + index / 1000), 2: range(2000, (index) => 3 + index / 777) }

interface Change {
  part?: Partial<OwnPart>
  seed?: number
  blocks?: (block: MeasuredBlock) => MeasuredBlock
}

/** Of three clients the first part has two. */
function part(number: 1 | 2, { part: own, seed = 7, blocks = (block) => block }: Change = {}): Measurement {
  const measurement = sampleMeasurement([2])
  const block = (key: string, slower: number): MeasuredBlock => ({
    ...sampleBlock(
      key,
      1,
      ms[number].map((each) => each * slower),
    ),
    clients: 3,
    windowMs: 4000 + number,
    concurrency: number === 1 ? 2 : 1,
    turns: range(2, (at) => ({
      endMs: 1000 * (at + 1) + number,
      requests: 100 * number,
      busyMs: 10 * number,
    })),
    workers: { a: number },
  })
  return {
    ...measurement,
    settings: { ...measurement.settings, clients: [3], seed },
    warmups: [{ clients: 3, session: 1, seconds: number, steady: number === 1 }],
    blocks: [block('postgres', 1), block('python', 2)].map(blocks),
    parts: [
      {
        ...{ part: number, of: 2, session: 1, startAt: '2026-01-02T03:04:05.000Z', turnMs: 500 },
        ...{ turns: 4, late: 0, skew: { key: 'postgres', aheadMs: 1, withinMs: 1 } },
        machine: { host: `runner-${number}`, cores: 2 },
        made: { program: 'p', workload: 'w', keys: 'k' },
        ...own,
      },
    ],
  }
}

const files = (...measurements: Measurement[]) =>
  measurements.map((measurement, index) => ({ file: `part-${index + 1}.json`, measurement }))

test('histograms are added: percentiles, mean and deviation are those of all requests', () => {
  const whole = latenciesOf([...ms[1], ...ms[2]])
  const both = together([latenciesOf(ms[1]), latenciesOf([]), latenciesOf(ms[2])])
  for (const figure of ['count', 'minMs', 'maxMs', 'p50Ms', 'p90Ms', 'p95Ms', 'p99Ms', 'p999Ms'] as const)
    expect(both[figure], figure).toBe(whole[figure])
  expect(both.meanMs).toBeCloseTo(whole.meanMs as number, 9)
  expect(both.stdevMs).toBeCloseTo(whole.stdevMs as number, 9)
  // The middle of two percentiles is another number.
  expect(both.p95Ms).not.toBeCloseTo(
    ((latenciesOf(ms[1]).p95Ms ?? 0) + (latenciesOf(ms[2]).p95Ms ?? 0)) / 2,
    1,
  )
  expect(together([latenciesOf([]), latenciesOf([])]).count).toBe(0)
})

test('a block is that of all users: answers of all, by the mean time that each was busy', () => {
  const { blocks, pairs, warmups, parts, premises } = joined(files(part(2), part(1)))
  expect(blocks.map(({ key, clients }) => [key, clients])).toEqual([
    ['postgres', 3],
    ['python', 3],
  ])
  for (const { tps } of blocks) expect(tps).toBeCloseTo(6000 / ((2 * 4.001 + 4.002) / 3), 9)
  expect(blocks[0]).toMatchObject({
    concurrency: 3,
    workers: { a: 3 },
    turns: [
      { endMs: 1002, requests: 300, busyMs: 30 },
      { endMs: 2002, requests: 300, busyMs: 30 },
    ],
  })
  expect(pairs).toHaveLength(1)
  expect(pairs[0]).toMatchObject({ key: 'postgres', clients: 3, tps: 1 })
  expect(pairs[0]?.mean).toBeCloseTo(2, 9)
  expect(warmups).toEqual([{ clients: 3, session: 1, seconds: 2, steady: false }])
  expect(parts?.map((each) => each.part)).toEqual([1, 2])
  expect(premises.compared).toBe(2)
})

test('of the open model what was due is added, and a line through all latencies weighs each by that', () => {
  const open = (block: MeasuredBlock, due: number, growth: number): MeasuredBlock => ({
    ...block,
    open: { rate: 900, due, waited: 3, dropped: 1, growth },
    alone: latenciesOf([1]),
    late: latenciesOf([due]),
  })
  const whole = joined(
    files(
      part(1, { blocks: (block) => open(block, 600, 0.1) }),
      part(2, { blocks: (block) => open(block, 300, 0.4) }),
    ),
  ).blocks[0]
  expect(whole?.open).toMatchObject({ rate: 900, due: 900, waited: 6, dropped: 2 })
  expect(whole?.open?.growth).toBeCloseTo(0.2, 9)
  expect(whole?.late?.count).toBe(2)
  // Who was alone in its part may not have been so.
  expect(whole?.alone).toBeUndefined()
})

test('parts that began at another moment are another session', () => {
  const startAt = '2026-01-02T04:04:05.000Z'
  const whole = joined(
    files(part(1), part(2), part(1, { seed: 8, part: { startAt } }), part(2, { seed: 8, part: { startAt } })),
  )
  expect(whole.settings).toMatchObject({ sessions: 2, pairs: 2 })
  expect(whole.parts?.map(({ session, part: number }) => [session, number])).toEqual([
    [1, 1],
    [1, 2],
    [2, 1],
    [2, 2],
  ])
  expect(whole.blocks.map(({ session, pair }) => [session, pair])).toEqual([
    [1, 1],
    [1, 1],
    [2, 2],
    [2, 2],
  ])
  expect(figuresOf(whole, 'postgres', 3)?.requests).toBe(12000)
})

test('a block that one part has not is that of the others, whose missing turns the premises tell of', () => {
  const second = part(2)
  second.blocks.pop()
  expect(joined(files(part(1), second)).blocks.map(({ ok }) => ok.count)).toEqual([6000, 4000])
})

test.each<[string, Measurement, string]>([
  [
    'another seed',
    part(2, { seed: 8 }),
    'part-2.json is no part of what part-1.json is of: seed is 8, there 7',
  ],
  [
    'other keys',
    part(2, { part: { made: { program: 'p', workload: 'w', keys: 'x' } } }),
    'the keys is "x", there "k"',
  ],
  [
    'another version',
    part(2, { part: { made: { program: 'q', workload: 'w', keys: 'k' } } }),
    'the version of the program is "q", there "p"',
  ],
  ['another number of parts', part(2, { part: { of: 3 } }), 'number of parts is 3, there 2'],
  ['the same part', part(1), 'part-2.json and part-1.json are both part 1 of 2'],
  [
    'another length of a block',
    { ...part(2), settings: { ...part(2).settings, blockSeconds: 9 } },
    'blockSeconds is 9, there 3',
  ],
])('%s is refused by name', (_, other, message) => {
  expect(() => joined(files(part(1), other))).toThrow(message)
})

test('what is no part is refused by name', () => {
  expect(() => joined(files(part(1), sampleMeasurement()))).toThrow('part-2.json is no part of a comparison')
})
