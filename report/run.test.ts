import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { sampleRun } from './fixture.ts'
import { htmlReport } from './html/page.ts'
import { readRun } from './result.ts'
import type { Run } from './run.ts'
import { schemas } from './schema.ts'
import { terminalReport } from './terminal.ts'

async function read(content: string) {
  const folder = await mkdtemp(path.join(tmpdir(), 'run '))
  try {
    const file = path.join(folder, 'run.json')
    await writeFile(file, content)
    return await readRun(file)
  } finally {
    await rm(folder, { recursive: true })
  }
}

test('a run that was written is read as it was', async () => {
  const run = sampleRun()
  expect(await read(JSON.stringify(run))).toEqual(run)
})

test('a run of before, which looked at neither time nor lost connections, is read and shown', async () => {
  const { time: _, connections: __, ...measurement } = sampleRun().measurement
  const premises = { ...measurement.premises, pythonConnections: 5, pythonClients: 5 }
  const before = await read(JSON.stringify({ ...sampleRun(), measurement: { ...measurement, premises } }))
  expect(before.measurement.time).toBeUndefined()
  expect(before.measurement.connections).toBeUndefined()
  expect(before.verdict).toEqual(sampleRun().verdict)
  expect(terminalReport(before)).toContain('thresholds')
  expect(htmlReport(before)).toContain('Premises')
})

test('a figure that does not exist is null in JSON and NaN again', async () => {
  const run = sampleRun()
  const [first] = run.verdict.figures
  if (first) first.latencyMs.p99 = Number.NaN
  expect((await read(JSON.stringify(run))).verdict.figures[0]?.latencyMs.p99).toBeNaN()
})

test.each([
  ['{', 'is not JSON'],
  ['{"measurement":{}}', 'version is missing'],
  [JSON.stringify({ ...sampleRun(), version: 1 }), 'version = 1: '],
  [JSON.stringify({ ...sampleRun(), machine: 5 }), 'machine = 5: '],
  ...[
    [(run: Run) => run.measurement.blocks.splice(0), 'expected a block of postgres at 1 clients'],
    [
      (run: Run) => run.measurement.settings.clients.splice(0),
      'settings.clients = []: expected at least one',
    ],
    [
      (run: Run) => Object.assign(run.measurement.blocks[0]?.ok ?? {}, { histogram: 'no' }),
      'measurement.blocks[0].ok.histogram = "no": expected an HdrHistogram',
    ],
  ].map(([change, expected]): [string, string] => {
    const run = sampleRun()
    ;(change as (run: Run) => void)(run)
    return [JSON.stringify(run), expected as string]
  }),
])('%.20s is refused', async (content, expected) => {
  await expect(read(content)).rejects.toThrow(expected)
})

test('a file that is not there', async () => {
  await expect(readRun('/no/such/run.json')).rejects.toThrow('/no/such/run.json cannot be read')
})

test.each(Object.keys(schemas()))('schema/%s is what the schemas say', async (file) => {
  expect(await readFile(path.join(root, 'schema', file), 'utf8'), 'npm run schema').toBe(schemas()[file])
})

test('thresholds.json names its schema', async () => {
  const { $schema } = JSON.parse(await readFile(path.join(root, 'thresholds.json'), 'utf8'))
  expect(await readFile(path.join(root, $schema), 'utf8')).toContain('minTpsRatio')
})
