import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { BadInput } from '../build/failure.ts'
import { results, shown } from '../build/paths.ts'
import { sampleRun } from './fixture.ts'
import type { Format } from './formats.ts'
import { formats } from './formats.ts'
import { Results, withResults } from './results.ts'

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

test('where all of it is to be found is told in a sentence, and what is missing by its first three names', async () => {
  const left = await open(at('now'))
  await left.keep('a', 'x')
  expect(left.said('The page')).toBe(`The page stands in ${shown(at('now'))}`)
  expect(left.said('Rows and keys')).toBe(`Rows and keys stand in ${shown(at('now'))}`)
  const names = ['b', 'c', 'd', 'e', 'f']
  const told: string[] = []
  for (const name of names) {
    await mkdir(at('now', name))
    await left.keep(name, 'x')
    told.push(left.said())
  }
  const [b, c, d] = names.map((name) => shown(at('now', name)))
  const rest = `all else stands in ${shown(at('now'))}`
  expect(told).toEqual([
    `Not written: ${b}; ${rest}`,
    `Not written: ${b}, ${c}; ${rest}`,
    `Not written: ${b}, ${c}, ${d}; ${rest}`,
    `Not written: ${b}, ${c}, ${d} and 1 more; ${rest}`,
    `Not written: ${b}, ${c}, ${d} and 2 more; ${rest}`,
  ])
  // A folder below belongs to the same results.
  await left.below('session-1').keepJson('k6.json', { a: [1] })
  expect(await readFile(at('now', 'session-1', 'k6.json'), 'utf8')).toBe('{\n "a": [\n  1\n ]\n}')
  const none = await open(at('other'))
  await mkdir(at('other', 'b'))
  await none.keep('b', 'x')
  expect(none.said()).toBe(`Not written: ${shown(at('other', 'b'))}`)
})

test('who gives no other way is warned on standard error', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  try {
    const left = await Results.open(at('now'))
    await mkdir(at('now', 'b'))
    await left.keep('b', 'x')
    // Nor has it any form to leave.
    await left.leave(judged())
    expect(await readdir(at('now'))).toEqual(['b'])
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      expect.stringContaining(`\n! ${shown(at('now', 'b'))} could not be written: `),
    ])
  } finally {
    said.mockRestore()
  }
})

test('two calls in one millisecond leave nothing in the same folder', async () => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-02-03T04:05:06.007Z') })
  try {
    const folders = await Promise.all(
      ['a', 'b'].map((name) =>
        withResults(async (left) => {
          await left.keep('file', name)
          return left.folder
        }),
      ),
    )
    expect(folders.map((each) => path.basename(each)).sort()).toEqual([
      '2001-02-03T04-05-06-007Z',
      '2001-02-03T04-05-06-007Z-2',
    ])
    for (const folder of folders) await rm(folder, { recursive: true })
  } finally {
    vi.useRealTimers()
  }
})

test('each call of a command has a folder of its own, by when it began, which goes where nothing was left', async () => {
  let folder = ''
  const answer = await withResults(async (left, startedAt) => {
    folder = left.folder
    expect(path.dirname(folder)).toBe(results)
    expect(path.basename(folder)).toBe(startedAt.toISOString().replaceAll(':', '-').replace('.', '-'))
    expect((await stat(folder)).isDirectory()).toBe(true)
    await left.leave(judged())
    return 5
  })
  expect(answer).toBe(5)
  await expect(stat(folder)).rejects.toThrow('ENOENT')
  const failing = withResults(async (left) => {
    folder = left.folder
    await left.keep('a', 'x')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  expect(await readdir(folder)).toEqual(['a'])
  await rm(folder, { recursive: true })
})
