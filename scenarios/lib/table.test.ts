import { expect, test } from 'vitest'
import { addFailure, latenciesOf, sampleBlock, sampleMeasurement } from '../../gap/fixture.ts'
import { shortTable } from './table.ts'

test('a line for each block, each pair and each kind of failure, in columns', () => {
  const measurement = sampleMeasurement([5])
  const silent = { ...sampleBlock('python', 2, []), clients: 20, failed: latenciesOf([1, 1]), tps: 0.4 }
  measurement.blocks.push(silent)
  addFailure(measurement, 'python', 'measure', 'HTTP 503')
  const lines = shortTable(measurement).split('\n')
  expect(lines).toEqual([
    '',
    '     clients      pair       TPS    p50 ms    p95 ms    p99 ms    failed      side',
    expect.stringMatching(/^ {11}1 {9}1 {6}1000 {5}1\.00\d {5}1\.00\d {5}1\.00\d {9}0 {2}postgres$/),
    expect.stringMatching(/^ {11}1 {9}1 {7}200 {5}5\.00\d {5}5\.00\d {5}5\.00\d {9}0 {4}python$/),
    '          20         2         0         -         -         -         2    python',
    '',
    '     clients      pair  gap: TPS       p50       p95       p99                side',
    '           1         1      5.00      5.00      5.00      5.00            postgres',
    '',
    '  python, 1 clients, measure: 7 × HTTP 503: no room',
    '',
    '',
  ])
})
