import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { root } from '../build/paths.ts'
import { readRun } from '../report/run.ts'
import { against, gate } from './gate.ts'

/** A real run of the version before, see report/earlier.test.ts. */
const file = path.join(root, 'tests', 'runs', 'version-2.json')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'version 2 '))
})
afterAll(() => rm(folder, { recursive: true }))

test('a run of the version before is a baseline: nothing has changed since', async () => {
  const run = await readRun(file)
  const { compared, moved } = against(run, run)
  expect(compared).toHaveLength(8)
  expect(new Set(compared.map(({ change }) => change))).toEqual(new Set(['within noise']))
  expect(moved).toEqual([])
})

test('gate judges a run of the version before by its own thresholds and by others, and against itself', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  try {
    const copy = path.join(folder, 'run.json')
    await writeFile(copy, await readFile(file))
    // Undecided, as it was.
    expect(await gate(copy, { baseline: file })).toBe(98)
    const thresholds = path.join(folder, 'thresholds.json')
    await writeFile(thresholds, JSON.stringify({ postgres: { minTps: 1 }, gap: { minTpsRatio: 1.1 } }))
    expect(await gate(copy, { thresholds })).toBe(0)
    await writeFile(thresholds, JSON.stringify({ postgres: { minTps: 1e9 } }))
    expect(await gate(copy, { thresholds })).toBe(99)
    // What it left is of this version, and is read again.
    expect((await readRun(path.join(folder, 'gate', 'run.json'))).verdict.outcome).toBe('fail')
  } finally {
    said.mockRestore()
  }
})
