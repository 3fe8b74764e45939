import { readFileSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { bundleWorkload, comparisonOf } from './bundles.ts'
import { bundles } from './paths.ts'
import { loadWorkload } from './workload.ts'

/** Bundles lie together, so that these must be nobody else's. */
const name = `bundled-${process.pid}`
const keys = [{ id: 7 }, { id: 8 }]
const query = 'SELECT score\n  FROM scores WHERE customer = $1'
const source = `
import { http, sql, workload } from 'inference-gap'
import { doubled } from './doubled.ts'

export default workload<{ id: number }>({
  name: '${name}',
  keys: './keys.csv',
  sides: [
    sql({ name: 'database', address: 'DATABASE_URL', query: { file: './score.sql' }, parameters: ({ id }) => [id] }),
    http({ name: 'service', address: 'SERVICE_URL', path: ({ id }) => \`score/\${doubled(id)}\`, value: ({ score }) => score }),
  ],
  beside: [http({ name: 'ping', address: 'SERVICE_URL', path: 'ping', role: 'part', of: 'service', until: 'HTTP' })],
})
`

let home: string
let folder: string
beforeAll(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'a workload '))
  const at = (file: string) => path.join(home, file)
  await writeFile(at('workload.ts'), source)
  await writeFile(at('doubled.ts'), 'export const doubled = (id: number) => 2 * id\n')
  await writeFile(at('score.sql'), `${query}\n`)
  await writeFile(at('bounds.json'), '{"database":{"minTps":100},"gap":{"minTpsRatio":2}}')
  folder = await bundleWorkload(await loadWorkload(at('workload.ts'), {}), {
    keys,
    thresholds: at('bounds.json'),
  })
})
afterAll(async () => {
  await rm(home, { recursive: true })
  await rm(folder, { recursive: true })
})

const inNode = () => import('../scenarios/in-node/world.ts')

beforeEach(async () => {
  vi.resetModules()
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const env = {
    DATABASE_URL: 'postgres://db/',
    SERVICE_URL: 'http://service/',
    PAIRS: '1',
    BLOCK_SECONDS: '1',
  }
  vi.stubGlobal('__ENV', { ...env, WARMUP_SECONDS: '1' })
  vi.stubGlobal('__VU', 0)
  // As k6 has it: from where the script lies.
  vi.stubGlobal('open', (file: string) => readFileSync(path.resolve(folder, file), 'utf8'))
  const { world } = await inNode()
  world.answer = (to) => {
    if (to.includes('pg_prepared_statements')) return { ms: 0, value: [{ statements: 1 }] }
    return to.startsWith('http') ? { ms: 4, value: { score: 3 } } : { ms: 1, value: 3 }
  }
})

const bundled = (file: string) => import(/* @vite-ignore */ path.join(folder, file))

test('a workload has a folder of its name with a comparison, a scenario a side, and what they read', async () => {
  expect(folder).toBe(path.join(bundles, name))
  expect(comparisonOf(await loadWorkload(path.join(home, 'workload.ts'), {}))).toBe(
    path.join(folder, 'compare.js'),
  )
  const scripts = ['changes.js', 'compare.js', 'connections.js', 'database.js', 'ping.js', 'service.js']
  expect((await readdir(folder)).sort()).toEqual(
    [...scripts, ...scripts.map((script) => `${script}.map`), 'keys.json', 'thresholds.json'].sort(),
  )
  expect(JSON.parse(await readFile(path.join(folder, 'keys.json'), 'utf8'))).toEqual(keys)
})

test('nothing of the flights is in it', async () => {
  const code = await readFile(path.join(folder, 'compare.js'), 'utf8')
  for (const word of ['flights', 'postgres-fast', 'originairportid', 'pgml']) expect(code).not.toContain(word)
  // Nor of Node: k6 has no such modules.
  const imports = [...code.matchAll(/^import .* from "([^"]+)"/gm)].map(([, from]) => from)
  expect(imports.length).toBeGreaterThan(5)
  for (const from of imports) expect(from).toMatch(/^k6(\/|$)/)
})

test('the comparison asks its sides and expects what its thresholds say', async () => {
  const { compare, options } = await bundled('compare.js')
  expect(options.thresholds).toEqual({
    wrong_answers: ['count==0'],
    broken_premises: ['count==0'],
    'tps{side:database,clients:1}': ['med>=100'],
    'gap_tps_ratio{side:database,clients:1}': ['med>=2'],
  })
  const { world } = await inNode()
  const asked = new Set<string>()
  const { answer } = world
  world.answer = (to, key) => {
    asked.add(`${to} ${JSON.stringify(key)}`)
    return answer(to, key)
  }
  compare()
  const ofDatabase = [...asked].filter((each) => each.endsWith(`${query} [7]`))
  expect(ofDatabase).toHaveLength(1)
  expect([...asked].filter((each) => each.startsWith('http')).sort()).toEqual([
    'http://service/score/14 undefined',
    'http://service/score/16 undefined',
  ])
  expect(world.aborted).toBeUndefined()
})

test.each([
  ['database', 'sql_reqs', 3],
  ['service', undefined, 3],
  ['ping', undefined, undefined],
])('%s is a scenario, too', async (side, rate, value) => {
  const { default: iteration, options } = await bundled(`${side}.js`)
  expect(Object.keys(options.scenarios)).toEqual([`${side}-predict`])
  expect(Object.keys(options.thresholds).sort()).toEqual([...(rate ? [rate] : []), 'wrong_answers'].sort())
  const { world } = await inNode()
  iteration()
  iteration()
  const stored = world.series.get(JSON.stringify([side, 'all']))
  // A part of the way answers with a body that is no number.
  expect([stored?.ok.length, stored?.failed.length]).toEqual(value === undefined ? [0, 2] : [2, 0])
})

test('bundled again without thresholds it expects nothing', async () => {
  const loaded = await loadWorkload(path.join(home, 'workload.ts'), {})
  await bundleWorkload(loaded, { keys: [{ id: 1 }], thresholds: undefined })
  expect(await readdir(folder)).not.toContain('thresholds.json')
  const { options } = await bundled('compare.js?again')
  expect(options.thresholds).toEqual({ wrong_answers: ['count==0'], broken_premises: ['count==0'] })
})
