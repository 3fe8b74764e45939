import { expect, test } from 'vitest'
import { askBeside, sampleMeasurement } from '../gap/fixture.ts'
import type { OwnPart } from '../gap/measurement.ts'
import { ratioOf } from '../gap/ratio.ts'
import {
  boundInWords,
  clientsInWords,
  machineInWords,
  measuredInWords,
  modesInWords,
  offeredInWords,
  partsInWords,
  rowsAndKeysInWords,
  thresholdsInWords,
  versionsInWords,
} from './words.ts'

const workload = { name: 'churn', digest: 'x', keys: 1000, draw: 'even', answers: 'number' }

test('rows and keys are told where there is more to say than that all are asked for', () => {
  expect(rowsAndKeysInWords(undefined)).toEqual([])
  expect(rowsAndKeysInWords(workload)).toEqual([])
  expect(
    rowsAndKeysInWords({ ...workload, rows: '5 of churn.csv', keys: 100_000, keysInAll: 5_000_000 }),
  ).toEqual([
    ['rows', '5 of churn.csv'],
    ['keys', '100,000 of 5,000,000 by the seed, draw even'],
  ])
})

test('what was measured, and its bound, in the unit of each', () => {
  const check = (unit: 'ms' | 'TPS' | 'share' | 'times', measured: number, bound: number) => {
    const one = {
      ...{ threshold: 'x', relation: '≤' as const, outcome: 'pass' as const },
      unit,
      measured,
      bound,
    }
    return [measuredInWords(one), boundInWords(one)]
  }
  expect(check('ms', 1.234, 2)).toEqual(['1.23 ms', '≤ 2.00 ms'])
  expect(check('TPS', 1234, 900)).toEqual(['1,234/s', '≤ 900/s'])
  expect(check('times', 5, 4)).toEqual(['5.00×', '≤ 4.00×'])
  // Three digits, however small it is: of failures a thousandth matters.
  expect(check('share', 0.00012345, 0)).toEqual(['0.000123', '≤ 0'])
  expect(check('share', Number.NaN, 0.01)).toEqual(['-', '≤ 0.01'])
  const interval: [number, number] = [4.5, 5.5]
  const ratio = {
    threshold: 'x',
    measured: 5,
    interval,
    relation: '≥',
    bound: 4,
    unit: 'times',
    outcome: 'pass',
  }
  expect(measuredInWords(ratio as Parameters<typeof measuredInWords>[0])).toBe('5.00× [4.50, 5.50]')
  // Of a single pair the interval is the whole axis, which JSON has as its largest number: 309 digits.
  const single = ratioOf([[5]])
  expect(
    measuredInWords({ ...ratio, interval: [single.low, single.high] } as Parameters<
      typeof measuredInWords
    >[0]),
  ).toBe('5.00× [0.000, ∞]')
})

test('a share of a rate tells of what, and who served it', () => {
  const offered = { share: 0.3333, of: 'python', capacity: 1234, clients: 1 }
  expect(offeredInWords(offered)).toBe(
    '33.3 % of the 1,234 requests a second that python served to one client of a closed model just before',
  )
  expect(clientsInWords(20)).toBe('20 clients')
})

test('query modes are told once where they are one, by side where they differ, and not where there are none', () => {
  const measurement = sampleMeasurement()
  expect(modesInWords(measurement)).toBe('prepared')
  askBeside(measurement, 'postgres-fast')
  measurement.settings.sides = ['postgres', 'postgres-fast', 'python']
  expect(modesInWords(measurement)).toBe('prepared')
  for (const side of measurement.workload.asked) if (side.key === 'postgres-fast') side.mode = 'simple'
  expect(modesInWords(measurement)).toBe('postgres prepared, postgres-fast simple')
  measurement.settings.sides = ['python']
  expect(modesInWords(measurement)).toBeUndefined()
})

test('where each of several k6 ran, and its clock', () => {
  const measurement = sampleMeasurement()
  expect(partsInWords(measurement)).toBeUndefined()
  const part = (number: number, host: string, cores: number): OwnPart => ({
    ...{
      part: number,
      of: 2,
      session: 3,
      startAt: '2026-01-02T03:04:05.000Z',
      turnMs: 100,
      turns: 4,
      late: 0,
    },
    ...{ skew: null, machine: { host, cores }, made: { program: '', workload: '', keys: '' } },
  })
  measurement.parts = [part(1, 'load-1', 1), part(2, '', 4)]
  expect(partsInWords(measurement)).toMatch(
    /^session 3, part 1 of 2: load-1, 1 core, clock [^;]+; session 3, part 2 of 2: a host without a name, 4 cores, clock [^;]+$/,
  )
})

test('thresholds all together: what is crossed before what is undecided, and why that is', () => {
  const [pass, fail, undecided] = (['pass', 'fail', 'undecided'] as const).map((outcome) => ({ outcome }))
  if (!pass || !fail || !undecided) throw new Error('no outcomes')
  expect(thresholdsInWords([])).toBe('no threshold was judged')
  expect(thresholdsInWords([pass, pass])).toBe('all 2 thresholds hold')
  expect(thresholdsInWords([pass, undecided])).toBe(
    '1 of 2 thresholds undecided: their intervals are too wide to judge',
  )
  expect(thresholdsInWords([pass, undecided, fail])).toBe('1 of 3 thresholds crossed')
  // Another reason than an interval is told elsewhere.
  const limited = { ...undecided, why: 'client-limited' }
  expect(thresholdsInWords([limited, pass])).toBe('1 of 2 thresholds undecided')
  expect(thresholdsInWords([limited, undecided])).toMatch(/^2 of 2 thresholds undecided: their intervals/)
})

test('the machine and the versions', () => {
  const machine = { processor: 'CPU', cores: 2, memory: 16.5e9, system: 'Linux 6' }
  expect(machineInWords(machine)).toBe('CPU, 2 cores, 16.5 GB, Linux 6')
  expect(versionsInWords({ k6: '1.8', Node: '20' })).toBe('k6 1.8, Node 20')
})

test('of keys that were not drawn from more only the rows are told', () => {
  expect(rowsAndKeysInWords({ ...workload, rows: '5 of churn.csv' })).toEqual([['rows', '5 of churn.csv']])
})
