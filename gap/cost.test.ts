import { expect, test, vi } from 'vitest'
import { clientCosts, netGap } from './cost.ts'
import { askBeside, sampleBlock, sampleMeasurement } from './fixture.ts'

// Ten thousand resamples each, on a machine that may be busy.
vi.setConfig({ testTimeout: 60_000 })

/** All that the flights ask beside their sides and that predicts nothing. */
const all = ['postgres-null', 'postgres-constant', 'python-null', 'python-framework', 'python-store']

const repeat = (count: number, ms: number) => Array.from({ length: count }, () => ms)

test('what the null operation takes is taken off', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, ...all)
  measurement.blocks.push(
    { ...sampleBlock('postgres', 1, repeat(5000, 0.2)), key: 'postgres-null', phase: 'beside' },
    { ...sampleBlock('postgres', 1, repeat(2000, 0.5)), key: 'postgres-constant', phase: 'beside' },
    { ...sampleBlock('python', 1, repeat(1000, 1)), key: 'python-null', phase: 'beside' },
    { ...sampleBlock('python', 1, repeat(500, 2)), key: 'python-framework', phase: 'beside' },
    { ...sampleBlock('python', 1, repeat(250, 4)), key: 'python-store', phase: 'beside' },
  )
  const costs = clientCosts(measurement)
  expect(costs.map(({ key, clients }) => [key, clients])).toEqual([
    ['postgres', 1],
    ['python', 1],
  ])
  const [postgres, python] = costs
  expect(postgres?.netMs).toBeCloseTo(0.8)
  expect(postgres?.nullP50Ms).toBeCloseTo(0.2, 2)
  expect(postgres?.headroom.median).toBeCloseTo(5)
  expect(python?.netMs).toBeCloseTo(4)
  // Each side has its own parts, the shortest way first.
  expect(postgres?.parts).toEqual([
    { key: 'postgres-constant', until: 'server without a row', ms: expect.closeTo(0.5, 9) },
  ])
  expect(python?.parts).toEqual([
    { key: 'python-framework', until: 'HTTP and framework', ms: 2 },
    { key: 'python-store', until: 'feature store', ms: 4 },
  ])
  expect(netGap(costs, 'postgres', 'python', 1)).toBeCloseTo(5)
  expect(netGap(costs, 'python', 'postgres', 1)).toBeCloseTo(1 / 5)
  expect(netGap(costs, 'postgres', 'python', 2)).toBeUndefined()
})

test('without null operations nothing is said', () => {
  expect(clientCosts(sampleMeasurement())).toEqual([])
  expect(netGap([], 'postgres', 'python', 1)).toBeUndefined()
})

/** A side's blocks in two sessions of two pairs, with so many answers in a second each. */
const blocksOf = (target: string, suffix: string, tps: number[], clients = 1) =>
  tps.map((count, index) => ({
    ...sampleBlock(target, index + 1, repeat(count, 1)),
    key: `${target}${suffix}`,
    session: index < 2 ? 1 : 2,
    clients,
  }))

test('headroom is of the same pair, whatever the order of the blocks', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, ...all)
  measurement.blocks = [
    // Those of other clients come first, and are not looked at.
    ...blocksOf('postgres', '-null', [9000, 9000, 9000, 9000], 2),
    ...blocksOf('postgres', '', [3, 3, 3, 3], 2),
    ...blocksOf('postgres', '-null', [100, 200, 300, 400]),
    ...blocksOf('python', '-null', [10, 10, 10, 10]),
    ...blocksOf('postgres', '', [50, 40, 30, 20]),
  ]
  const [cost, ...more] = clientCosts(measurement)
  expect(more).toEqual([])
  // 2, 5, 10 and 20 times: the middle of their logarithms.
  expect(cost?.headroom.median).toBeCloseTo(Math.sqrt(5 * 10), 9)
  expect(cost?.headroom.pairs).toBe(4)
})

test('pairs in which one of the two gave no answer say nothing of headroom', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, ...all)
  measurement.blocks = [
    ...blocksOf('postgres', '', [0, 10, 10, 10]),
    ...blocksOf('postgres', '-null', [50, 0, 40, 90]),
  ]
  const [cost] = clientCosts(measurement)
  expect(cost?.headroom.pairs).toBe(2)
  expect(cost?.headroom.median).toBeCloseTo(6, 9)
})

test('where in no pair both were answered there is no headroom, and no cost', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, ...all)
  measurement.blocks = [
    ...blocksOf('postgres', '', [0, 0, 10, 10]),
    ...blocksOf('postgres', '-null', [50, 50, 0, 0]),
  ]
  expect(clientCosts(measurement)).toEqual([])
})

test('restarts between which headroom differs widen it more than pairs that do', () => {
  const width = (tps: number[]) => {
    const measurement = sampleMeasurement()
    askBeside(measurement, ...all)
    measurement.blocks = [
      ...blocksOf('postgres', '', repeat(tps.length, 100)),
      ...blocksOf('postgres', '-null', tps),
    ]
    for (const block of measurement.blocks) block.session = Math.ceil(block.pair / 16)
    const { low, high } = clientCosts(measurement)[0]?.headroom ?? { low: 0, high: 0 }
    return high - low
  }
  // Two of three restarts drawn alike have the median: 7 of 27. Of 48 pairs drawn alike, 25 would: 7 of 1000.
  expect(width([...repeat(16, 200), ...repeat(16, 220), ...repeat(16, 240)])).toBeCloseTo(0.4, 9)
  expect(width(Array.from({ length: 48 }, (_, index) => 200 + 20 * (index % 3)))).toBeLessThan(0.3)
})

test('time of a client for an answer: four clients that get 1000 a second spend 4 ms on each', () => {
  const measurement = sampleMeasurement()
  askBeside(measurement, ...all)
  measurement.settings.clients = [4]
  measurement.blocks = [
    ...blocksOf('postgres', '', [1000], 4),
    ...blocksOf('postgres', '-null', [4000], 4),
    ...blocksOf('postgres', '-constant', [0], 4),
  ]
  const [cost] = clientCosts(measurement)
  expect(cost).toMatchObject({ clients: 4, seenMs: 4, nullMs: 1, netMs: 3 })
  expect(cost?.seenP50Ms).toBeCloseTo(1, 2)
  // What was asked besides and gave no answer took no time that is known.
  expect(cost?.parts).toEqual([])
})

test.each([
  ['the target', [0], [4000]],
  ['the null operation', [1000], [0]],
])('without an answer of %s there is no cost', (_, own, without) => {
  const measurement = sampleMeasurement()
  askBeside(measurement, ...all)
  measurement.blocks = [...blocksOf('postgres', '', own), ...blocksOf('postgres', '-null', without)]
  expect(clientCosts(measurement)).toEqual([])
})

test('a net gap needs both sides at that number of clients, and a first one that costs more than its client', () => {
  const cost = (key: string, netMs: number, clients = 1) =>
    ({ key, netMs, clients }) as ReturnType<typeof clientCosts>[number]
  const net = (...costs: ReturnType<typeof clientCosts>) => netGap(costs, 'postgres', 'python', 1)
  const [two, six] = [cost('postgres', 2), cost('python', 6)]
  expect(net(cost('postgres', 9, 4), two, cost('python', 9, 4), six)).toBe(3)
  expect(net(two)).toBeUndefined()
  expect(net(six)).toBeUndefined()
  expect(net(cost('postgres', 0), six)).toBeUndefined()
  expect(net(cost('postgres', -1), six)).toBeUndefined()
})
