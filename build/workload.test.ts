import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BadInput } from './failure.ts'
import { type LoadedWorkload, loadWorkload, queryText } from './workload.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'a workload '))
})
afterAll(() => rm(folder, { recursive: true }))

const imports = "import { http, sql, workload } from 'inference-gap'\n"
const sides = (query = "'SELECT 1'") =>
  `sides: [sql({ name: 'database', address: 'DATABASE_URL', query: ${query}, parameters: (key) => [key.id] })]`

async function load(
  code: string,
  { name = 'workload.ts', variables = {} }: { name?: string; variables?: Record<string, string> } = {},
): Promise<LoadedWorkload> {
  await writeFile(path.join(folder, name), code)
  return loadWorkload(path.join(folder, name), variables)
}

async function refused(code: string, given?: Parameters<typeof load>[1]): Promise<string> {
  const error = await load(code, given).then(
    () => undefined,
    (thrown) => thrown,
  )
  expect(error).toBeInstanceOf(BadInput)
  return (error as BadInput).text
}

test.each([
  'workload.ts',
  'workload.js',
  'my work load.mts',
])('%s is loaded, its functions and all', async (name) => {
  const types = name.endsWith('.js') ? '' : 'type Key = { id: number }\nconst two: number = 2\n'
  const code = `${imports}${types}export default workload({ name: 'churn', keys: './k.csv', ${sides()}, compare: false })`
  const loaded = await load(code, { name })
  expect(loaded).toMatchObject({
    ...{ name: 'churn', file: path.join(folder, name), draw: 'even', answer: 'number', compare: false },
    ...{ beside: [], texts: {} },
  })
  const [side] = loaded.sides
  expect(side?.protocol === 'sql' && side.parameters({ id: 7 })).toEqual([7])
})

test('a function is given the variables, and what it imports from files beside it', async () => {
  await writeFile(path.join(folder, 'names.ts'), "export const prefix: string = 'of '")
  const code = `${imports}import { prefix } from './names.ts'
export default workload(({ WHO }) => ({ name: 'x', keys: prefix + WHO, ${sides()} }))`
  expect((await load(code, { variables: { WHO: 'you' } })).keys).toBe('of you')
})

test('what has changed is read anew, and has another digest', async () => {
  const code = (keys: string) =>
    `${imports}export default workload({ name: 'x', keys: '${keys}', ${sides()} })`
  const [one, two, again] = [await load(code('1')), await load(code('2')), await load(code('1'))]
  expect([one.keys, two.keys, again.keys]).toEqual(['1', '2', '1'])
  expect(one.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(two.digest).not.toBe(one.digest)
  expect(again.digest).toBe(one.digest)
})

describe('a query in a file', () => {
  const code = `${imports}export default workload({ name: 'x', keys: 'k', ${sides("{ file: './predict it.sql' }")} })`
  test('is read from beside the workload, and is part of its digest', async () => {
    await writeFile(path.join(folder, 'predict it.sql'), '\n  SELECT $1\n')
    const loaded = await load(code)
    expect(queryText({ file: './predict it.sql' }, loaded.texts)).toBe('SELECT $1')
    expect(queryText('SELECT 2', loaded.texts)).toBe('SELECT 2')
    await writeFile(path.join(folder, 'predict it.sql'), 'SELECT $1 + 1')
    expect((await load(code)).digest).not.toBe(loaded.digest)
  })

  test('that is missing, empty or no file is named with whose it is', async () => {
    // Nobody writes into it: whoever opened it would wait for ever.
    execFileSync('mkfifo', [path.join(folder, 'pipe')])
    expect(await refused(code.replace('./predict it.sql', 'pipe'))).toMatch(/pipe is a pipe; expected a file/)
    await writeFile(path.join(folder, 'predict it.sql'), ' \n')
    expect(await refused(code)).toMatch(
      /predict it\.sql is empty\n {2}→ It is to hold the query of database, as .*workload\.ts says/,
    )
    await rm(path.join(folder, 'predict it.sql'))
    expect(await refused(code)).toMatch(
      /predict it\.sql cannot be read: no such file.*\n {2}→ It is to hold the query of database, as/,
    )
    const keys = `${imports}export default workload({ name: 'x', keys: { sql: { file: 'no.sql' }, of: 'database' }, ${sides()} })`
    expect(await refused(keys)).toMatch(
      /no\.sql cannot be read: no such file.*\n {2}→ It is to hold keys, as/,
    )
  })
})

test.each<[string, string, (string | RegExp)[]]>([
  [
    'throws when it is evaluated',
    `${imports}throw new Error('not today')`,
    ['cannot be evaluated: "not today"'],
  ],
  [
    'throws when it is called',
    'export default () => { throw new Error("no WHO") }',
    ['its function throws: "no WHO"'],
  ],
  [
    'throws an address, and much more',
    `throw new Error('x\\n    at y (z.ts:1:1)\\npostgres://u:c4nary@h/db' + 'x'.repeat(1e5))`,
    [/cannot be evaluated: "x at y \(z\.ts:1:1\) postgres:\/\/…"$/m],
  ],
  [
    'throws when it is looked at',
    'export default { get name() { throw new Error("no name") } }',
    ['throws when it is read: "no name"'],
  ],
  // k6 waits for none.
  ['exports a promise', 'export default Promise.reject(1)', ['exports a promise; expected']],
  ['exports nothing', 'export const a = 1', ['exports no default; expected export default workload({ … })']],
  ['exports a number', 'export default 7', ['exports a default that is 7; expected']],
  ['exports an address', 'export default "postgres://u:c4nary@h/db"', ['a default that is "postgres://…"']],
  ['makes nothing', 'export default () => null', ['a default that is null; expected']],
  [
    'imports from Node',
    `${imports}\nimport { readFileSync } from 'node:fs'\nexport default readFileSync('x')`,
    [
      /workload\.ts:3:\d+: Could not resolve "node:fs"/,
      'it imports from inference-gap and from files beside it, and nothing of Node or of k6',
    ],
  ],
  [
    'imports from k6',
    "import http from 'k6/http'\nexport default http",
    [/workload\.ts:1:\d+: Could not resolve "k6\/http"/],
  ],
  ['is no TypeScript', 'export default {', [/workload\.ts:1:\d+: /]],
  [
    'does not fit',
    `${imports}export default workload({ name: 'a b', keys: 'k', ${sides()} })`,
    [
      'does not fit:\n  - name = "a b": expected up to 60 letters, digits',
      'docs/workload.md lists what it may say',
    ],
  ],
])('one that %s is refused by its file', async (_, code, expected) => {
  const text = await refused(code)
  expect(text).toContain('workload.ts')
  expect(text).toContain('→')
  for (const part of expected)
    expect(text).toMatch(
      typeof part === 'string' ? new RegExp(part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')) : part,
    )
  expect(text).not.toContain('c4nary')
  expect(text).not.toContain('    at ')
})

test('one that is not there is named', async () => {
  await expect(loadWorkload(path.join(folder, 'nowhere.ts'))).rejects.toThrow(/nowhere\.ts/)
  await expect(loadWorkload(path.join(folder, 'nowhere.ts'))).rejects.toThrow(BadInput)
})
