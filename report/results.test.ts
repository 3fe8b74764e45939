import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { shown } from '../build/paths.ts'
import { sampleRun } from './fixture.ts'
import type { Format } from './formats.ts'
import { formats } from './formats.ts'
import { Results } from './results.ts'

let home: string
let warnings: string[]
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'left behind '))
  warnings = []
  vi.stubEnv('GITHUB_STEP_SUMMARY', '')
})
afterEach(() => rm(home, { recursive: true }))

const at = (...parts: string[]) => path.join(home, ...parts)
const open = (folder: string, given: readonly Format[] = []) =>
  Results.open(folder, given, (text) => warnings.push(text))
const judged = () => ({ run: sampleRun(), compared: [], moved: [] })

async function refused(folder: string, given: readonly Format[] = []): Promise<string> {
  const error = await open(folder, given).then(
    () => undefined,
    (error) => error,
  )
  expect(error).toBeInstanceOf(BadInput)
  expect(error.hint).toBeTruthy()
  return error.message
}

test('a run is left in every format, and nothing beside', async () => {
  const left = await open(at('results', 'now'), formats)
  await left.leave(judged())
  expect((await readdir(at('results', 'now'))).sort()).toEqual(formats.map(({ file }) => file).sort())
  expect(JSON.parse(await readFile(at('results', 'now', 'run.json'), 'utf8'))).toEqual(sampleRun())
  expect(warnings).toEqual([])
  expect(left.said()).toContain(`Everything measured stands in ${shown(at('results', 'now'))}`)
})

test('a place that cannot be written to is refused when it is opened, by what stands in the way', async () => {
  await writeFile(at('file'), '')
  expect(await refused(at('file', 'now'))).toContain(`${shown(at('file'))} is a file, not a folder`)
  expect(await refused(at('file'))).toContain(`${shown(at('file'))} is a file, not a folder`)
  await symlink('/no/such/disk', at('dangling'))
  expect(await refused(at('dangling', 'now'))).toContain(
    `${shown(at('dangling'))} is a link to /no/such/disk, which does not exist`,
  )
  await symlink(at('circle'), at('circle'))
  expect(await refused(at('circle', 'now'))).toMatch(/circle/)
  expect(await refused(at('x'.repeat(300)))).toContain('name too long')
})

test('GITHUB_STEP_SUMMARY is tried before, and has the summary after what stood in it', async () => {
  for (const file of [at('no', 'such', 'folder'), home]) {
    vi.stubEnv('GITHUB_STEP_SUMMARY', file)
    expect(await refused(at('now'), formats)).toContain(`GITHUB_STEP_SUMMARY: ${file} cannot be written to`)
  }
  // Whoever leaves no summary does not need its place.
  await open(at('now'))
  vi.stubEnv('GITHUB_STEP_SUMMARY', at('summary of the job'))
  await writeFile(at('summary of the job'), 'before\n')
  const left = await open(at('now'), formats)
  await left.leave(judged())
  expect(await readFile(at('summary of the job'), 'utf8')).toBe(
    `before\n${await readFile(at('now', 'summary.md'), 'utf8')}`,
  )
})

test('a pipe that nobody reads is refused, not waited for', async () => {
  execFileSync('mkfifo', [at('pipe')])
  vi.stubEnv('GITHUB_STEP_SUMMARY', at('pipe'))
  expect(await refused(at('now'), formats)).toContain(at('pipe'))
})

test('what cannot be written later costs a warning each, and nothing else', async () => {
  vi.stubEnv('GITHUB_STEP_SUMMARY', at('summary of the job'))
  const left = await open(at('now'), formats)
  await rm(at('now'), { recursive: true })
  await writeFile(at('now'), 'in the way')
  await rm(at('summary of the job'))
  await mkdir(at('summary of the job'))
  await left.leave(judged())
  await left.below('session-1').keep('k6.log', 'x')
  expect(warnings).toHaveLength(formats.length + 2)
  for (const [index, { file }] of formats.entries())
    expect(warnings[index]).toContain(`${shown(at('now', file))} could not be written: `)
  expect(warnings.at(-1)).toContain(shown(at('now', 'session-1', 'k6.log')))
  expect(left.said()).toMatch(/^Not written: .* and \d more$/)
  expect(left.said()).not.toContain('Everything')
})

test('a file that stood there stays whole when its successor cannot be written', async () => {
  const left = await open(at('now'))
  await left.keep('a', 'before')
  await mkdir(at('now', 'b'))
  // A file cannot take the place of a folder: the last step fails.
  await left.keep('b', 'after')
  expect(warnings).toHaveLength(1)
  expect((await readdir(at('now'))).sort()).toEqual(['a', 'b'])
  expect(await readFile(at('now', 'a'), 'utf8')).toBe('before')
})
