import { expect, test } from 'vitest'
import { batchRowSchema, batchRows } from './batches.ts'
import { sampleBlock, sampleMeasurement } from './fixture.ts'
import type { Measurement } from './measurement.ts'

/** Requests that each take so many milliseconds, in a block of a second: 1000 ÷ ms of them. */
const block = (key: string, pair: number, ms: number, session = 1) => ({
  ...sampleBlock(
    key,
    pair,
    Array.from({ length: 1000 / ms }, () => ms),
  ),
  session,
})

/** @param ms of a request, by side and size, pair after pair */
function measured(ms: Record<string, number[]>): Measurement {
  const asked = Object.keys(ms).map((key) => {
    const [base = '', size] = key.split('-batch')
    return {
      ...{ key, base, role: 'predict' as const, protocol: 'sql' as const, mode: 'prepared' as const },
      ...(size !== undefined && { size: Number(size) }),
    }
  })
  const plain = sampleMeasurement()
  return {
    ...plain,
    workload: { name: 'churn', sides: ['a', 'b'], asked },
    settings: { ...plain.settings, sides: Object.keys(ms) },
    blocks: Object.entries(ms).flatMap(([key, own]) => own.map((each, at) => block(key, at + 1, each))),
    pairs: [],
  }
}

test('predictions are answers times keys; the gap is that of the same size, the gain that over the smallest', () => {
  const rows = batchRows(
    measured({
      'a-batch1': [1, 1],
      'b-batch1': [5, 5],
      'a-batch10': [2, 2],
      'b-batch10': [4, 4],
    }),
  )
  // By hand: at ten keys a has 500 requests of 2 ms a second, so 5,000 predictions; b 250, so 2,500.
  expect(
    rows.map(({ side, size, requestsPerSecond, predictionsPerSecond, gain, gap }) => [
      ...[side, size, Math.round(requestsPerSecond), Math.round(predictionsPerSecond)],
      gain && Number(gain.median.toFixed(6)),
      gap && Number(gap.median.toFixed(6)),
    ]),
  ).toEqual([
    ['a', 1, 1000, 1000, undefined, 5],
    ['b', 1, 200, 200, undefined, undefined],
    ['a', 10, 500, 5000, 5, 2],
    ['b', 10, 250, 2500, 12.5, undefined],
  ])
  for (const row of rows) expect(batchRowSchema.parse(JSON.parse(JSON.stringify(row)))).toEqual(row)
  expect(rows[2]?.latencyMs.p50).toBeCloseTo(2, 2)
})

test('the smallest size comes first, whatever the order in which they were asked; single questions have no row', () => {
  const rows = batchRows(measured({ 'a-batch5': [1], 'a-batch2': [1], a: [1] }))
  expect(rows.map(({ size }) => size)).toEqual([2, 5])
  expect(rows[1]?.gain?.median).toBeCloseTo(2.5, 9)
  expect(rows.every(({ gap }) => gap === undefined)).toBe(true)
})

test('ratios are of blocks of the same pair of the same session', () => {
  const measurement = measured({ 'a-batch4': [1], 'b-batch4': [2] })
  for (const pair of [1, 2])
    measurement.blocks.push(block('a-batch4', pair, 1, 2), block('b-batch4', pair, 8, 2))
  const [row] = batchRows(measurement)
  // 2, 8 and 8; held against the first pair of the other session the second of them would be 2.
  expect(row?.gap?.median).toBeCloseTo(8, 9)
  expect(row?.gap?.pairs).toBe(3)
})

test('of three sides each has its gap to the last one', () => {
  const rows = batchRows(measured({ 'a-batch4': [1], 'b-batch4': [2], 'c-batch4': [8] }))
  expect(rows.map(({ side, gap }) => [side, gap && Number(gap.median.toFixed(6))])).toEqual([
    ['a', 8],
    ['b', 4],
    ['c', undefined],
  ])
})

test('who never answered has failures, no latency and no ratio', () => {
  const measurement = measured({ 'a-batch4': [1], 'b-batch4': [2] })
  const silent = measurement.blocks.find(({ key }) => key === 'b-batch4')
  if (!silent) throw new Error('no block')
  ;[silent.ok, silent.failed] = [silent.failed, silent.ok]
  silent.tps = 0
  const [first, last] = batchRows(measurement)
  expect(first).not.toHaveProperty('gap')
  expect(last).toMatchObject({
    ...{ failures: 500, predictionsPerSecond: 0, latencyMs: { mean: null, p50: null, p99: null } },
  })
})

test('each number of clients has rows of its own blocks, and none where there are none', () => {
  const measurement = measured({ 'a-batch4': [1, 1], 'b-batch4': [2, 2] })
  measurement.settings.clients = [1, 5, 9]
  for (const [key, ms] of [
    ['a-batch4', 2],
    ['b-batch4', 8],
  ] as const)
    for (const pair of [1, 2]) measurement.blocks.push({ ...block(key, pair, ms), clients: 5 })
  expect(
    batchRows(measurement).map(({ clients, side, gap }) => [
      clients,
      side,
      gap && Number(gap.median.toFixed(6)),
    ]),
  ).toEqual([
    [1, 'a', 2],
    [1, 'b', undefined],
    [5, 'a', 4],
    [5, 'b', undefined],
  ])
})

test('a pair in which one of both never answered is left out of the ratio, whichever it was', () => {
  for (const silent of ['a-batch4', 'b-batch4']) {
    const measurement = measured({ 'a-batch4': [1, 1, 1], 'b-batch4': [2, 2, 2] })
    const one = measurement.blocks.find(({ key, pair }) => key === silent && pair === 2)
    if (!one) throw new Error('no block')
    ;[one.ok, one.failed] = [one.failed, one.ok]
    one.tps = 0
    const gap = batchRows(measurement)[0]?.gap
    expect(gap?.pairs).toBe(2)
    expect(gap?.median).toBeCloseTo(2, 9)
  }
})
