import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { isSearch, readResult } from '../result.ts'
import { Results } from '../results.ts'
import { fullSampleCapacityRun, sampleCapacityRun, unreachedCapacityRun } from './fixture.ts'
import { formats } from './formats.ts'
import { capacityReport } from './terminal.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'capacity '))
  vi.stubEnv('GITHUB_STEP_SUMMARY', '')
})
afterEach(() => rm(home, { recursive: true }))

test('a search is left in every format, with its summary below the job', async () => {
  vi.stubEnv('GITHUB_STEP_SUMMARY', path.join(home, 'of the job'))
  const left = await Results.open(path.join(home, 'now'), formats)
  await left.leave(sampleCapacityRun())
  expect((await readdir(left.folder)).sort()).toEqual(formats.map(({ file }) => file).sort())
  expect(await readFile(path.join(home, 'of the job'), 'utf8')).toContain('## Capacity')
})

test.each([
  fullSampleCapacityRun,
  unreachedCapacityRun,
])('%o that was written is read as it was', async (made) => {
  const run = made()
  const [row] = run.sides[0]?.rates ?? []
  if (row) row.latencyMs.p99 = Number.NaN
  const file = path.join(home, 'capacity.json')
  await writeFile(file, (await formats[0]?.render(run)) ?? '')
  const read = await readResult(file)
  expect(read).toEqual(run)
  expect(isSearch(read) && capacityReport(read)).toBe(capacityReport(run))
})

test('what could not be asked after the load stands in every form', async () => {
  const run = sampleCapacityRun()
  const message = 'sorry, too many clients already'
  run.missed = [{ what: 'versions and settings', kind: 'SQLSTATE 53300', message }]
  const forms = [...(await Promise.all(formats.map(({ render }) => render(run)))), capacityReport(run)]
  expect(forms).toHaveLength(5)
  for (const form of forms) {
    const text = form.replace(/\s+/g, ' ')
    for (const each of ['versions and settings', 'SQLSTATE 53300', message]) expect(text).toContain(each)
  }
  // Nothing is missing, so nothing is told of it.
  for (const form of [
    ...(await Promise.all(formats.map(({ render }) => render(sampleCapacityRun())))),
    capacityReport(sampleCapacityRun()),
  ])
    expect(form).not.toMatch(/Failures|What failed|"missed"/)
  const file = path.join(home, 'capacity.json')
  await writeFile(file, forms[0] as string)
  expect(await readResult(file)).toMatchObject({ missed: run.missed })
})

test.each([
  [{ ...sampleCapacityRun(), version: 2 }, 'version = 2'],
  [{ ...sampleCapacityRun(), sides: 5 }, 'sides = 5'],
])('another form is refused', async (run, expected) => {
  const file = path.join(home, 'capacity.json')
  await writeFile(file, JSON.stringify(run))
  await expect(readResult(file)).rejects.toThrow(expected)
})
