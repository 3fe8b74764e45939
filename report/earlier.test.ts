import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { clientCosts } from '../gap/cost.ts'
import { judge } from '../gap/verdict.ts'
import { upgraded } from './earlier.ts'
import { pieces } from './html/data.ts'
import { readRun } from './result.ts'
import type { Run } from './run.ts'

/** What the version before left of a real run, cut down to two pairs and judged again by that version. */
const file = path.join(root, 'tests', 'runs', 'version-2.json')

// biome-ignore lint/suspicious/noExplicitAny: as it stands in the file
let left: any
let run: Run
beforeAll(async () => {
  left = JSON.parse(await readFile(file, 'utf8'))
  run = await readRun(file)
})

/** Without the name by which that version knew a side's target. */
// biome-ignore lint/suspicious/noExplicitAny: likewise
const named = ({ target: _, ...rest }: any) => rest

test('the run is read with its sides, by whom it was asked, and in which mode', () => {
  expect(run.measurement.workload.sides).toEqual(['postgres', 'python'])
  expect(
    run.measurement.workload.asked.map(({ key, base, protocol, role, of, mode }) =>
      [key, base, protocol, role, of, mode].map((each) => each ?? ''),
    ),
  ).toEqual([
    ['postgres', 'postgres', 'sql', 'predict', '', 'prepared'],
    ['python', 'python', 'http', 'predict', '', ''],
    ['postgres-null', 'postgres', 'sql', 'null', 'postgres', 'prepared'],
    ['postgres-constant', 'postgres', 'sql', 'part', 'postgres', 'prepared'],
    ['python-null', 'python', 'http', 'null', 'python', ''],
    ['python-framework', 'python', 'http', 'part', 'python', ''],
    ['python-store', 'python', 'http', 'part', 'python', ''],
    ['postgres-fast', 'postgres', 'sql', 'predict', 'postgres', 'prepared'],
  ])
})

test('what is no more said the same way is the same, and nothing else is another', () => {
  expect(run.command).toBe(left.command)
  expect(run.thresholds).toEqual(left.thresholds)
  expect(run.training).toEqual(left.training)
  expect(run.parity).toEqual(left.parity)
  expect(run.premises).toEqual(left.premises)
  expect(run.measurement.blocks).toEqual(left.measurement.blocks.map(named))
  expect(run.measurement.pairs).toEqual(left.measurement.pairs)
  expect(run.serving?.[0]?.parts.map(({ bytes }) => bytes)).toEqual(
    ['postgresBytes', 'pythonBytes', 'storeBytes'].map((name) => left.serving[0][name]),
  )
  expect(run.published?.gap?.tps?.toFixed(2)).toBe('6.90')
})

test('judged again it has the verdict, the figures, the gaps and the costs that it had', () => {
  const verdict = judge(run.measurement, run.thresholds, run.training, run.looks)
  expect(left.verdict.outcome).toBe('undecided')
  expect(verdict.outcome).toBe(left.verdict.outcome)
  expect(verdict.figures).toEqual(left.verdict.figures.map(named))
  expect(verdict.gaps).toEqual(left.verdict.gaps)
  expect(verdict.checks).toEqual(left.verdict.checks)
  expect(verdict.trainingMemoryRatio).toBe(left.verdict.trainingMemoryRatio)
  expect(verdict.notJudged).toEqual([])
  expect(run.verdict).toEqual(verdict)
  for (const costs of [run.costs, clientCosts(run.measurement)])
    for (const [index, { key, parts, ...cost }] of costs.entries()) {
      const { target, constantMs, frameworkMs, storeMs, ...before } = left.costs[index]
      expect({ key, ...cost }).toEqual({ key: target, ...before })
      expect(parts.map(({ ms }) => ms).slice(0, target === 'python' ? 2 : 1)).toEqual(
        [constantMs, frameworkMs, storeMs].filter((ms) => ms !== undefined),
      )
    }
  expect(run.costs).toHaveLength(2)
  expect(clientCosts(run.measurement)).toEqual(run.costs)
  expect(pieces(run).map(({ part }) => part)).toContain('row')
})

test('what only says that it is of that version is refused by its parts', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'version 2 '))
  try {
    const broken = path.join(folder, 'run.json')
    await writeFile(broken, JSON.stringify({ version: 2 }))
    await expect(readRun(broken)).rejects.toThrow('startedAt is missing')
    for (const change of [{ measurement: 5 }, { verdict: 'x' }, { measurement: { settings: 3 } }]) {
      await writeFile(broken, JSON.stringify({ ...left, ...change }))
      await expect(readRun(broken)).rejects.toThrow(Object.keys(change)[0] as string)
    }
  } finally {
    await rm(folder, { recursive: true })
  }
})

/** Of a run of before that holds no more than this, as this version has it. */
// biome-ignore lint/suspicious/noExplicitAny: its parts are looked at one by one
const made = (before: object): any => upgraded({ version: 2, ...before })

test('sides of every name are told by it: builds by number, queries by mode, and what only answers a part', () => {
  const settings = {
    ...{ sides: ['postgres_2', 'postgres-simple', 'python'], queryMode: 'extended', serializer: 'json' },
    beside: ['python-null_2', 'python-framework_12', 'python-fast', 'other', 'postgres-fast_3'],
  }
  const { measurement } = made({ measurement: { settings: { ...settings, pairs: 3 }, blocks: 5, pairs: [] } })
  const [sql, http] = [
    { protocol: 'sql', role: 'predict', base: 'postgres' },
    { protocol: 'http', role: 'predict', base: 'python' },
  ]
  expect(measurement).toEqual({
    ...{ version: 3, blocks: [], pairs: [] },
    settings: { sides: settings.sides, beside: settings.beside, pairs: 3 },
    workload: {
      ...{ name: 'flights', sides: ['postgres', 'python'] },
      asked: [
        { ...sql, key: 'postgres_2', mode: 'extended' },
        { ...sql, key: 'postgres-simple', mode: 'simple' },
        { ...http, key: 'python' },
        { ...http, key: 'python-null_2', role: 'null', of: 'python' },
        { ...http, key: 'python-framework_12', role: 'part', of: 'python', until: 'HTTP and framework' },
        { ...http, key: 'python-fast', of: 'python', until: 'row' },
        { ...http, key: 'other', base: 'other' },
        { ...sql, key: 'postgres-fast_3', of: 'postgres', until: 'row', mode: 'extended' },
      ],
    },
  })
  // What has no sides asked nobody, and is refused by what reads it.
  expect(made({ measurement: { settings: {} } }).measurement.workload.asked).toEqual([])
})

test('a cost has the parts that it knew, and the other way of predicting as the last', () => {
  const figures = [
    { key: 'python-fast', clients: 4, tps: 500 },
    { key: 'postgres-fast', clients: 1, tps: 0 },
    { key: 'postgres-fast', clients: 4, tps: null },
  ]
  const costs = [
    { target: 'python', clients: 4, seenMs: 9, frameworkMs: 1, storeMs: 2 },
    { target: 'python', clients: 1, constantMs: null },
    { target: 'postgres', clients: 1, constantMs: 3 },
    { target: 'postgres', clients: 4 },
    'no cost',
    null,
    ['neither'],
  ]
  expect(made({ costs, verdict: { figures } }).costs).toEqual([
    {
      ...{ key: 'python', clients: 4, seenMs: 9 },
      parts: [
        { key: 'python-framework', until: 'HTTP and framework', ms: 1 },
        { key: 'python-store', until: 'feature store', ms: 2 },
        // Four clients, 500 answers a second.
        { key: 'python-fast', until: 'row', ms: 8 },
      ],
    },
    { key: 'python', clients: 1, parts: [] },
    {
      ...{ key: 'postgres', clients: 1 },
      parts: [{ key: 'postgres-constant', until: 'server without a row', ms: 3 }],
    },
    { key: 'postgres', clients: 4, parts: [] },
  ])
  expect(made({ costs, verdict: 5 }).costs[0].parts).toHaveLength(2)
})

test('memory of serving names its processes, and what is not there is not made', () => {
  const serving = [{ clients: 2, postgresBytes: 1, pythonBytes: 2, storeBytes: 3 }]
  expect(made({ serving }).serving).toEqual([
    {
      clients: 2,
      parts: [
        { side: 'postgres', what: 'server and backends', bytes: 1 },
        { side: 'python', what: "Gunicorn's master and workers", bytes: 2 },
        { side: 'python', what: 'feature store', bytes: 3 },
      ],
    },
  ])
  expect(Object.keys(made({})).sort()).toEqual(['costs', 'published', 'version'])
  expect(made({ verdict: { outcome: 'pass', notJudged: [1] } }).verdict).toEqual({
    ...{ outcome: 'pass', notJudged: [1] },
  })
})

test.each([
  [{ version: 3, costs: 5 }],
  [{ costs: 5 }],
  [null],
  ['text'],
  [[{ version: 2 }]],
])('%j is of no version before, and stays as it is', (value) => {
  expect(upgraded(value)).toBe(value)
})
