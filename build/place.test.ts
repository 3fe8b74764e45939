import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { BadInput } from './failure.ts'
import { acquire } from './lock.ts'
import { root } from './paths.ts'
import { appendWhole, tryAppend, tryFolder, writeWhole } from './place.ts'
import { doStep } from './step.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'places '))
})
afterEach(() => rm(home, { recursive: true }))

const at = (...parts: string[]) => path.join(home, ...parts)

test('a folder is made with all above it, and nothing is left in it', async () => {
  await tryFolder(at('a', 'b'))
  expect(await readdir(at('a', 'b'))).toEqual([])
})

test('a step and the lock name the place that they cannot write to', async () => {
  await writeFile(at('bin'), '')
  const step = {
    title: 'a test',
    name: 'a-test-of-places',
    inputs: async () => ({ at: home }),
    outputs: [at('bin', 'k6')],
    work: () => Promise.reject(new Error('not to be begun')),
  }
  await expect(doStep(step, { progress: () => {} })).rejects.toThrow(
    /bin cannot be written to: .*bin is a file, not a folder/,
  )
  await expect(acquire(at('bin', 'lock'))).rejects.toBeInstanceOf(BadInput)
})

test('a file is written whole or stays as it was', async () => {
  await writeWhole(at('file'), 'one')
  await writeWhole(at('file'), 'two')
  expect(await readFile(at('file'), 'utf8')).toBe('two')
  await mkdir(at('folder'))
  await expect(writeWhole(at('folder'), 'x')).rejects.toThrow()
  expect((await readdir(home)).sort()).toEqual(['file', 'folder'])
})

test('what is appended comes after what is there', async () => {
  await writeFile(at('file'), 'one')
  await tryAppend(at('file'))
  await appendWhole(at('file'), ' two')
  expect(await readFile(at('file'), 'utf8')).toBe('one two')
  await symlink(at('no', 'such'), at('link'))
  await expect(tryAppend(at('link'))).rejects.toThrow()
})

/** As on a full disk, for whoever runs the tests: the kernel lets this process' files grow no further. */
test.runIf(process.platform === 'linux')('without room nothing is half written', async () => {
  await writeFile(at('file'), 'one')
  const script = `
    const { appendWhole, tryFolder, writeWhole } = await import(${JSON.stringify(path.join(root, 'build', 'place.ts'))})
    const [home] = process.argv.slice(-1)
    const outcome = (work) => work().then(() => 'done', (error) => error.code ?? error.message)
    await tryFolder(home)
    for (const work of [
      () => writeWhole(home + '/file', 'x'.repeat(1e5)),
      () => writeWhole(home + '/new', 'x'.repeat(1e5)),
      () => appendWhole(home + '/file', 'x'.repeat(1e5)),
    ]) process.stdout.write(await outcome(work) + '\\n')
  `
  const { stdout } = await execa(
    'bash',
    [
      '-c',
      'ulimit -f 8; exec "$@"',
      '-',
      process.execPath,
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      script,
      home,
    ],
    { cwd: root },
  )
  expect(stdout.split('\n')).toEqual(['EFBIG', 'EFBIG', 'EFBIG'])
  expect(await readdir(home)).toEqual(['file'])
  expect(await readFile(at('file'), 'utf8')).toBe('one')
})
