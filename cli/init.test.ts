/** What `init` writes is a workload as it stands: it loads, its types hold in a strict project, and everything beside it fits to it. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { BadInput } from '../build/failure.ts'
import { root } from '../build/paths.ts'
import { loadWorkload } from '../build/workload.ts'
import { readKeyFile } from '../datasets/keys.ts'
import { readThresholds } from '../gap/thresholds.ts'
import { sentOf } from '../workload/http.ts'
import { init, type Protocol } from './init.ts'
import { main } from './main.ts'

let folder = ''
let said = ''
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'init in a path '))
  said = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += text
      return true
    })
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(folder, { recursive: true, force: true })
})

const signal = new AbortController().signal
const at = (file: string) => path.join(folder, file)
const workflowFile = '.github/workflows/inference-gap.yml'
const all = [workflowFile, 'keys.csv', 'thresholds.json', 'workload.ts']

/** All files below, sorted. */
const found = async () =>
  (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath ?? entry.path, entry.name)))
    .sort()

/** Types that fit one kind of project only would fail in one of these. */
const projects = {
  'an ES module, as strict as can be': {
    type: 'module',
    compilerOptions: {
      module: 'nodenext',
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      verbatimModuleSyntax: true,
      isolatedModules: true,
      noUnusedLocals: true,
      noUnusedParameters: true,
    },
  },
  'no ES module': { type: 'commonjs', compilerOptions: { module: 'node16' } },
  'a bundler': { type: 'module', compilerOptions: { module: 'esnext', moduleResolution: 'bundler' } },
}

async function checkTypes(kinds: (keyof typeof projects)[]): Promise<void> {
  await mkdir(at('node_modules/inference-gap'), { recursive: true })
  await cp(path.join(root, 'package.json'), at('node_modules/inference-gap/package.json'))
  await symlink(path.join(root, 'schema'), at('node_modules/inference-gap/schema'))
  for (const name of kinds) {
    const { type, compilerOptions } = projects[name]
    await writeFile(at('package.json'), JSON.stringify({ type }))
    const options = { strict: true, noEmit: true, target: 'es2022', types: [], ...compilerOptions }
    await writeFile(at('tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['workload.ts'] }))
    const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
    const { stdout, status } = spawnSync(process.execPath, [tsc, '-p', folder], { encoding: 'utf8' })
    expect(`${name}: ${stdout}`).toBe(`${name}: `)
    expect(status).toBe(0)
  }
}

describe.each<[Protocol[], string[]]>([
  [
    ['sql', 'http'],
    ['database', 'service'],
  ],
  [
    ['http', 'sql'],
    ['service', 'database'],
  ],
  [
    ['sql', 'sql'],
    ['database-1', 'database-2'],
  ],
  [
    ['http', 'http'],
    ['service-1', 'service-2'],
  ],
  [['sql'], ['database']],
  [['http'], ['service']],
  [
    ['http', 'sql', 'http'],
    ['service-1', 'database', 'service-2'],
  ],
])('for %s', (protocols, names) => {
  test('the workload loads, its keys and its thresholds fit to it, and its types hold', async () => {
    expect(await init({ sides: protocols, name: 'churn' }, signal, folder)).toBe(0)
    expect(await found()).toEqual(all)
    const workload = await loadWorkload(at('workload.ts'), {})
    expect(workload.name).toBe('churn')
    expect(workload.sides.map(({ name }) => name)).toEqual(names)
    expect(workload.sides.map(({ protocol }) => protocol)).toEqual(protocols)
    const { keys } = await readKeyFile(at(workload.keys as string), undefined, 'even', 1)
    const [key] = keys
    for (const side of workload.sides)
      expect(side.protocol === 'sql' ? side.parameters(key) : sentOf(side, key)).toEqual(
        side.protocol === 'sql' ? [1] : { path: '/predict', body: '{"customer_id":1}' },
      )
    const thresholds = await readThresholds(at('thresholds.json'), names)
    for (const name of names) expect(thresholds[name]).toMatchObject({ maxFailureRate: 0 })
    expect(thresholds.gap === undefined).toBe(names.length === 1)
    await checkTypes(['an ES module, as strict as can be'])
  }, 60_000)

  test('the job has all addresses, as secrets', async () => {
    await init({ sides: protocols, name: 'churn' }, signal, folder)
    const { jobs } = parse(await readFile(at(workflowFile), 'utf8'), { strict: true, uniqueKeys: true })
    const { sides } = await loadWorkload(at('workload.ts'), {})
    for (const { address } of sides) expect(jobs.gate.env[address]).toBe(`\${{ secrets.${address} }}`)
  })
})

test('its types hold in projects of any kind', async () => {
  await init({ sides: ['sql', 'http'] }, signal, folder)
  await checkTypes(Object.keys(projects) as (keyof typeof projects)[])
}, 60_000)

test('each command of the job is one that is there', async () => {
  await init({ sides: ['sql'], name: 'churn' }, signal, folder)
  const { jobs } = parse(await readFile(at(workflowFile), 'utf8'))
  const steps = jobs.gate.steps as { run?: string }[]
  const commands = steps.flatMap(({ run }) => (run?.startsWith('npx inference-gap') ? [run.split(' ')] : []))
  expect(commands.map(([, , name]) => name)).toEqual(['check', 'compare'])
  for (const [, , name = '', ...rest] of commands) {
    said = ''
    await main([name, '--help'])
    for (const flag of rest.filter((each) => each.startsWith('--'))) expect(said).toContain(`${flag} `)
  }
})

test('the schema that thresholds.json names is found from where it lies', async () => {
  await init({ sides: ['sql', 'http'] }, signal, folder)
  const { $schema } = JSON.parse(await readFile(at('thresholds.json'), 'utf8'))
  expect(existsSync(at($schema))).toBe(true)
})

test('the last lines say what to do next', async () => {
  await init({ sides: ['sql', 'http'] }, signal, folder)
  expect(said).toContain("export DATABASE_URL='postgres://")
  expect(said).toContain("export SERVICE_URL='http://")
  expect(said.trimEnd().split('\n').at(-1)).toBe('  npx inference-gap check --workload workload.ts')
})

test.each([
  ['_ Müller & Söhne -', 'M-ller-S-hne'],
  // A name has 60 signs at the most.
  [`${'a'.repeat(59)}-b`, 'a'.repeat(59)],
])('a folder whose name is no name of a workload gives one all the same: %s', async (name, expected) => {
  const odd = at(name)
  await mkdir(odd)
  await init({ sides: ['http'] }, signal, odd)
  expect((await loadWorkload(path.join(odd, 'workload.ts'), {})).name).toBe(expected)
})

test('what is there is left as it is, and named', async () => {
  await writeFile(at('keys.csv'), 'mine')
  await mkdir(at('.github/workflows'), { recursive: true })
  await writeFile(at(workflowFile), 'mine')
  await expect(init({ sides: ['sql'] }, signal, folder)).rejects.toThrow(
    `keys.csv, ${workflowFile} are here already, and nothing was written`,
  )
  expect(await found()).toEqual([workflowFile, 'keys.csv'])
  expect(await readFile(at('keys.csv'), 'utf8')).toBe('mine')
})

test.each<[string, string, () => Promise<unknown>]>([
  ['.github', `${workflowFile} cannot be written`, () => writeFile(at('.github'), 'a file')],
  [
    '.github/workflows',
    `${workflowFile} cannot be written`,
    () => mkdir(at('.github')).then(() => writeFile(at('.github/workflows'), 'a file')),
  ],
  ['keys.csv', 'keys.csv cannot be written', () => symlink('/nowhere/at/all', at('keys.csv'))],
])('where one cannot be written for %s none is left, and it is named', async (name, expected, make) => {
  await make()
  const refusal = await init({ sides: ['sql'] }, signal, folder).catch((thrown) => thrown)
  expect(refusal).toBeInstanceOf(BadInput)
  expect(refusal.text).toContain(expected)
  const left = await readdir(folder, { recursive: true })
  expect(left.filter((each) => !name.startsWith(each))).toEqual([])
})

describe('on the command line', () => {
  test.each([
    [['--sides', 'sql,ftp'], 'expected sql or http for each side'],
    [['--sides', ''], 'expected sql or http for each side'],
    [['--sides', 'sql', '--name', 'a b'], '--name = "a b": expected up to 60 letters, digits, - and _'],
  ])('%j is refused', async (flags, expected) => {
    expect(await main(['init', ...flags])).toBe(2)
    expect(said).toContain(expected)
    expect(existsSync(path.resolve('workload.ts'))).toBe(false)
  })

  test('without a terminal and without flags nothing is asked', async () => {
    const before = process.stdin.isTTY
    process.stdin.isTTY = false
    try {
      expect(await main(['init'])).toBe(2)
    } finally {
      process.stdin.isTTY = before
    }
    expect(said).toContain('--sides is missing')
    expect(said).toContain('npx inference-gap init --sides sql,http')
  })
})
