/** Files that cannot be written, and files of a user that do not fit, as the programs meet them. */
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { k6Binary, root, thresholdsFile } from '../build/paths.ts'
import { sampleRun } from '../report/fixture.ts'
import { formats } from '../report/formats.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'files '))
})
afterAll(() => rm(folder, { recursive: true }))

const at = (name: string) => path.join(folder, name)

describe('gate, whose verdict is that every threshold holds', () => {
  const left = () => at('gate')
  beforeAll(() => writeFile(at('run.json'), JSON.stringify(sampleRun())))

  /** Judges it from a shell, where `$gate` is the command. */
  async function judged(script: string, env: Record<string, string> = {}) {
    await rm(left(), { recursive: true, force: true })
    const gate = `${process.execPath} cli/inference-gap.mjs gate '${at('run.json')}'`
    const done = await execa('bash', ['-c', script.replaceAll('$gate', gate)], {
      cwd: root,
      reject: false,
      env: { GITHUB_STEP_SUMMARY: '', NO_COLOR: '1', ...env },
    })
    return { code: done.exitCode, stdout: done.stdout, stderr: done.stderr }
  }

  test.each([
    ['a reader that has gone', 'set -o pipefail; $gate | head -c 0'],
    ['a full disk', '$gate > /dev/full'],
    ['nobody at all', '$gate >&- 2>&-'],
  ])('standard output to %s costs nothing else', async (_, script) => {
    const { code, stderr } = await judged(script)
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('    at ')
    expect((await readdir(left())).sort()).toEqual(formats.map(({ file }) => file).sort())
  })

  test('files without room cost a warning each, and none is half there', async () => {
    // As on a full disk, for whoever runs the tests: no file may become larger than 8 kB.
    const { code, stdout, stderr } = await judged('ulimit -f 8; $gate')
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/gate\/report\.html could not be written: file too large/)
    expect(stdout).toMatch(/^Not written: .*report\.html/m)
    const names = await readdir(left())
    expect(names).toContain('junit.xml')
    expect(names).not.toContain('report.html')
    expect(await readFile(path.join(left(), 'junit.xml'), 'utf8')).toMatch(/<\/testsuites>\n$/)
    expect(names.filter((name) => name.startsWith('.'))).toEqual([])
  })

  test.each([
    ['GITHUB_STEP_SUMMARY', () => ({ GITHUB_STEP_SUMMARY: at('no/such/folder') })],
    ['its folder', async () => void (await symlink('/no/such/disk', left()))],
  ])('%s is tried before anything is judged', async (_, inTheWay) => {
    await rm(left(), { recursive: true, force: true })
    const env = (await inTheWay()) ?? {}
    const done = await execa(process.execPath, ['cli/inference-gap.mjs', 'gate', at('run.json')], {
      cwd: root,
      reject: false,
      env,
    })
    expect(done.exitCode, done.stderr).toBe(2)
    expect(done.stderr).toMatch(/cannot be written to: /)
    expect(done.stderr).not.toContain('    at ')
    expect(done.stdout).toBe('')
    await rm(left(), { recursive: true, force: true })
  })
})

describe('a scenario by hand', () => {
  /** Reads what it is given and starts nothing. */
  const inspected = (env: Record<string, string>) =>
    execa(k6Binary, ['inspect', '--include-system-env-vars', bundle('compare')], {
      reject: false,
      all: true,
      env: { POSTGRES_URL: 'postgres://127.0.0.1:1/x', PYTHON_URL: 'http://127.0.0.1:1', ...env },
    })
  const keys = '[[35, 2013, 1, 22]]'

  test('takes files with a mark before their text', async () => {
    await writeFile(at('keys.json'), `\ufeff${keys}`)
    await writeFile(at('thresholds.json'), `\ufeff${await readFile(thresholdsFile, 'utf8')}`)
    const { exitCode, all } = await inspected({
      KEYS_FILE: at('keys.json'),
      THRESHOLDS_FILE: at('thresholds.json'),
    })
    expect(exitCode, all).toBe(0)
  })

  test('takes a file without any bounds', async () => {
    await writeFile(at('thresholds.json'), '{}')
    const { exitCode, all } = await inspected({ THRESHOLDS_FILE: at('thresholds.json') })
    expect(exitCode, all).toBe(0)
  })

  test.each([
    ['KEYS_FILE', '{}', '(the whole file) = {}: expected an array of keys'],
    ['KEYS_FILE', '[]', 'at least one'],
    ['KEYS_FILE', '[[35,2013,1]]', '[0] = [35,2013,1]: expected [originairportid'],
    ['KEYS_FILE', `["${'x'.repeat(1e6)}"]`, '…: expected [originairportid'],
    ['KEYS_FILE', '[1,]', 'is not JSON'],
    ['KEYS_FILE', ' ', 'is empty'],
    ['KEYS_FILE', Buffer.from(`\ufeff${keys}`, 'utf16le'), 'is UTF-16'],
    ['THRESHOLDS_FILE', '[]', "(the whole file) = []: expected an object of the sides' bounds"],
    ['THRESHOLDS_FILE', '7', "(the whole file) = 7: expected an object of the sides' bounds"],
    ['THRESHOLDS_FILE', '{"postgres": {"minTps": "fast"}}', 'postgres.minTps = "fast": expected a number'],
    ['THRESHOLDS_FILE', '{"postgres": {"maxLatencyMs": {"p95": null}}}', 'p95 = null: expected a number'],
    ['THRESHOLDS_FILE', '{"postgres": 1}', 'postgres = 1: expected an object of bounds'],
  ])('refuses %s %.40s', async (variable, content, expected) => {
    await writeFile(at('given.json'), content)
    const { exitCode, all } = await inspected({ [variable]: at('given.json') })
    expect(exitCode).not.toBe(0)
    const said = String(all).replaceAll('\\"', '"')
    expect(said).toContain(`${variable}: ${at('given.json')}`)
    expect(said).toContain(expected)
    expect(said.length).toBeLessThan(3000)
  })

  test.each([['SUMMARY_FILE'], ['PROGRESS_FILE']])('tries %s before the test', async (variable) => {
    for (const file of [folder, at('no/such/file')]) {
      const { exitCode, all } = await inspected({ [variable]: file })
      expect(exitCode).not.toBe(0)
      expect(all).toContain(`${variable}: ${file} cannot be written`)
    }
    expect((await inspected({ [variable]: at('new.json') })).exitCode).toBe(0)
    expect(await readdir(folder)).not.toContain('new.json')
  })
})
