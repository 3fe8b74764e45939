import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { clientCosts } from '../gap/cost.ts'
import { premisesOf } from '../gap/premises.ts'
import { sampleMeasurement } from '../gap/sample.ts'
import type { Thresholds } from '../gap/thresholds.ts'
import { judge } from '../gap/verdict.ts'
import type { Run } from './run.ts'
import { figure } from './table.ts'
import { sentence, terminalReport } from './terminal.ts'

const thresholds: Thresholds = {
  postgres: { maxLatencyMs: { p50: 2 }, minTps: 900, maxFailureRate: 0 },
  python: { maxLatencyMs: { p50: 9 }, minTps: 100, maxFailureRate: 0 },
  gap: { minLatencyRatio: { p50: 4, p95: 4 }, minTpsRatio: 4, minTrainingMemoryRatio: 2 },
}

function sampleRun(gaps?: number[]): Run {
  const measurement = sampleMeasurement(gaps)
  const trained = { seconds: 1, peakMethod: 'VmHWM' as const, trainedAt: '2026-01-02T03:04:05.000Z' }
  const training = { postgres: { ...trained, peakBytes: 1e8 }, python: { ...trained, peakBytes: 3e8 } }
  return {
    version: 2,
    startedAt: measurement.startedAt,
    command: "npx inference-gap compare --thresholds 'a file.json'",
    machine: {
      system: 'Linux 6 x64',
      processor: 'A Processor with Quite a Long Name @ 2.80GHz',
      cores: 2,
      memory: 25e9,
    },
    versions: { Node: '20.0.0', k6: '1.8.1', Postgres: '18.6', Python: '3.11.7', XGBoost: '3.2.0' },
    targets: { postgres: 'shared_buffers 256MB, max_connections 250', python: '2 workers, 4 threads each' },
    parity: { keys: 1000, identical: 1000, largestRelativeDifference: 0, predictions: 'x' },
    training,
    premises: premisesOf(measurement),
    costs: clientCosts(measurement),
    thresholds,
    measurement,
    verdict: judge(measurement, thresholds, training),
  }
}

test('says everything that there is to know', () => {
  const text = terminalReport(sampleRun())
  for (const part of [
    '1,000',
    '5.00× [5.00, 5.00]',
    '6.90×',
    '2.23×',
    'gap.minTpsRatio',
    'prepared',
    'seed',
    '1000 keys',
  ])
    expect(text).toContain(part)
})

test('fits 80 columns', () => {
  const lines = stripVTControlCharacters(terminalReport(sampleRun())).split('\n')
  // The last line is the verdict, one sentence that a terminal may wrap.
  expect(lines.slice(0, -1).filter((line) => line.length > 80)).toEqual([])
})

test('is plain where nobody looks', () => {
  const text = terminalReport(sampleRun())
  expect(text).toBe(stripVTControlCharacters(text))
})

test.each<[number[], string]>([
  [
    [5, 5, 5, 5],
    'At one client Postgres serves 5.00 times as many predictions as Python [5.00, 5.00]; all 10 thresholds hold.',
  ],
  [[0.5, 0.5], 'Python serves 2.00 times as many predictions as Postgres'],
  [[0.5, 0.5], '3 of 10 thresholds crossed'],
  [[2, 3, 5, 8], '3 of 10 thresholds undecided'],
])('%j: %s', (gaps, expected) => {
  expect(sentence(sampleRun(gaps))).toContain(expected)
})

test('figures have the digits that tell them apart', () => {
  expect([12345.6, 99.94, 9.994, 0.12345, Number.NaN].map(figure)).toEqual([
    '12,346',
    '99.9',
    '9.99',
    '0.123',
    '-',
  ])
})
