import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { clientCosts } from '../gap/cost.ts'
import { judge } from '../gap/verdict.ts'
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
