import { expect, test } from 'vitest'
import { misfitsOf } from '../build/user-file.ts'
import flights from './flights.ts'
import { inWords } from './misfit.ts'
import { workloadSchema } from './schema.ts'
import { http, sql } from './workload.ts'

const database = { name: 'database', address: 'DATABASE_URL', query: 'SELECT $1', parameters: () => [1] }
const service = { name: 'service', address: 'SERVICE_URL', body: () => 1 }
// biome-ignore lint/suspicious/noExplicitAny: what is given here does not fit
const workload = (more: any = {}, ofDatabase: any = {}, ofService: any = {}): any => ({
  ...{ name: 'churn', keys: 'keys.csv' },
  sides: [sql({ ...database, ...ofDatabase }), http({ ...service, ...ofService })],
  ...more,
})

/** A line for each thing that does not fit. */
function told(given: unknown): string[] {
  const parsed = workloadSchema.safeParse(given)
  return parsed.success ? [] : misfitsOf(parsed.error, given).map(inWords)
}

test.each([undefined, 'json', 'msgpack'])('the flights fit: %s', (SERIALIZER) => {
  expect(told(typeof flights === 'function' ? flights({ SERIALIZER }) : flights)).toEqual([])
})

test('everything that may be said fits', () => {
  const part = { role: 'part', of: 'service', until: 'HTTP' } as const
  const all = workload(
    {
      ...{ keys: { sql: { file: 'keys.sql' }, of: 'database' }, misfits: () => [], draw: { zipf: 1.1 } },
      ...{ answer: 'numbers', compare: { tolerance: 0.1 }, thresholds: 'gates.json' },
      beside: [http({ ...service, ...part, name: 'ping' })],
      published: {
        source: 'https://example.com',
        clients: 1,
        sides: { database: { tps: 1 } },
        gap: { tps: 2 },
      },
    },
    {
      query: { file: 'predict.sql' },
      mode: 'simple',
      settings: { 'pgml.predictor': 'fast' },
      value: () => 1,
      batch: { query: { file: 'batch.sql' }, parameters: () => [], values: () => [1] },
    },
    {
      batch: {
        ...{ method: 'POST', path: 'batch', body: () => 1, bodyAs: 'json', answerAs: 'json' },
        values: () => [1],
      },
      ...{
        method: 'PUT',
        path: () => 'x',
        bodyAs: 'form',
        answerAs: 'text',
        value: () => 1,
        statuses: [200, 404],
      },
      ...{ worker: 'X-Worker', about: 'healthz' },
      headers: { Accept: 'text/plain', Authorization: { variable: 'API_TOKEN', prefix: 'Bearer ' } },
    },
  )
  expect(told(all)).toEqual([])
  expect(told(workload({ name: 'x'.repeat(60) }))).toEqual([])
})

test.each<[string, unknown]>([
  ['name = "two words": expected up to 60 letters, digits, - and _', workload({ name: 'two words' })],
  ['name is missing: ', workload({ name: undefined })],
  [
    'keys = 7: expected a file, { file: …, format: … } or { sql: …, of: the side that is asked }',
    workload({ keys: 7 }),
  ],
  ['keys = {"file":"k","format":"xls"}: expected a file', workload({ keys: { file: 'k', format: 'xls' } })],
  [
    'keys.of = "service": expected the name of a side that speaks SQL',
    workload({ keys: { sql: 'S', of: 'service' } }),
  ],
  ['keys.of = "nobody": expected the name of a side', workload({ keys: { sql: 'S', of: 'nobody' } })],
  [
    "draw = \"often\": expected 'even', 'in order' or { zipf: an exponent above 0",
    workload({ draw: 'often' }),
  ],
  ['draw.zipf = 0: Too small', workload({ draw: { zipf: 0 } })],
  ['draw.zipf = 11: Too big', workload({ draw: { zipf: 11 } })],
  ['answer = "date": ', workload({ answer: 'date' })],
  [
    "compare = true: expected 'equal', { tolerance: from 0 to 1 }, a function of two",
    workload({ compare: true }),
  ],
  ['compare.tolerance = -1: Too small', workload({ compare: { tolerance: -1 } })],
  ['compare.tolerance = 2: Too big', workload({ compare: { tolerance: 2 } })],
  [
    'compare = {"tolerance":0.1}: a tolerance is for numbers, and answers are declared as text',
    workload({ answer: 'text', compare: { tolerance: 0.1 } }),
  ],
  ['misfits = 1: expected a function of the keys', workload({ misfits: 1 })],
  ['sides = []: expected a side at the least', workload({ sides: [] })],
  [
    'sides[0].protocol is missing: expected a side made by sql({ … }) or http({ … })',
    workload({ sides: [{ name: 'a' }] }),
  ],
  ['more = 1: no such key', workload({ more: 1 })],
  [
    'sides[0].batch.query is missing: expected the text of a query',
    workload({}, { batch: { parameters: () => [] } }),
  ],
  [
    'sides[0].batch.parameters = [1]: expected a function of keys that returns an array of parameters',
    workload({}, { batch: { query: 'SELECT 1', parameters: [1] } }),
  ],
  [
    'sides[0].batch.value = "x": no such key',
    workload({}, { batch: { query: 'SELECT 1', parameters: () => [], value: 'x' } }),
  ],
  [
    'sides[1].batch = {"path":"batch"}: expected a body, or a path, that is a function of keys',
    workload({}, {}, { batch: { path: 'batch' } }),
  ],
  [
    "sides[1].batch.path is missing: expected a path of all keys, for the side's is that of one key",
    workload({}, {}, { path: () => 'one', batch: { body: () => 1 } }),
  ],
  ['thresholds = "": expected a text that is not empty', workload({ thresholds: '' })],
  ['published.clients = 0: ', workload({ published: { source: 'x', clients: 0, sides: {} } })],
  [`sides[0].name = "${'x'.repeat(61)}": expected up to 60 letters`, workload({}, { name: 'x'.repeat(61) })],
  ['sides[0].name = "a b": expected up to 60 letters, digits, - and _', workload({}, { name: 'a b' })],
  [
    'sides[0].name = "_a": expected up to 60 letters, digits, - and _, the first a letter or a digit',
    workload({}, { name: '_a' }),
  ],
  [
    'sides[0].name = "gap": expected another name: gap, capacity, minRatio, compare, connections, changes, keys, thresholds mean',
    workload({}, { name: 'gap' }),
  ],
  [
    'sides[0].name = "constructor": expected another name: every object has',
    workload({}, { name: 'constructor' }),
  ],
  ['sides[0].name = "toString": expected another name', workload({}, { name: 'toString' })],
  [
    'sides[1].name = "database": expected a name that no other side has',
    workload({}, {}, { name: 'database' }),
  ],
  ['sides[0].address is missing: ', workload({}, { address: undefined })],
  [
    'sides[0].address = "my url": expected the name of an environment variable, as DATABASE_URL',
    workload({}, { address: 'my url' }),
  ],
  [
    'sides[0].query is missing: expected the text of a query, or { file: … }',
    workload({}, { query: undefined }),
  ],
  ['sides[0].query = "": expected a text that is not empty', workload({}, { query: '' })],
  [
    'sides[0].parameters = [1]: expected a function of a key that returns an array',
    workload({}, { parameters: [1] }),
  ],
  ['sides[0].mode = "fast": ', workload({}, { mode: 'fast' })],
  ['sides[0].value = 1: expected a function of the rows', workload({}, { value: 1 })],
  ['sides[0].body = ', workload({}, { body: '1' })],
  ['sides[0].settings.jit = 1: ', workload({}, { settings: { jit: 1 } })],
  ['sides[1].method = "TRACE": ', workload({}, {}, { method: 'TRACE' })],
  ['sides[1].path = 7: expected a text, or a function of a key', workload({}, {}, { path: 7 })],
  [
    'sides[1].body = {"a":1}: expected a function of a key that returns what is sent',
    workload({}, {}, { body: { a: 1 } }),
  ],
  ['sides[1].bodyAs = "xml": ', workload({}, {}, { bodyAs: 'xml' })],
  ['sides[1].answerAs = "xml": ', workload({}, {}, { answerAs: 'xml' })],
  ['sides[1].statuses = []: ', workload({}, {}, { statuses: [] })],
  ['sides[1].statuses[0] = 100: ', workload({}, {}, { statuses: [100] })],
  [
    'sides[1].headers.A = 7: expected a text, or { variable: … } for a secret',
    workload({}, {}, { headers: { A: 7 } }),
  ],
  // It would be two headers.
  [
    'sides[1].headers.A = "b\\r\\nC: d": expected a text without line breaks',
    workload({}, {}, { headers: { A: 'b\r\nC: d' } }),
  ],
  [
    'sides[1].headers.Host = "x": the client writes this header itself; leave it out',
    workload({}, {}, { headers: { Host: 'x' } }),
  ],
  [
    'sides[1].headers.a b = "x": expected the name of a header',
    workload({}, {}, { headers: { 'a b': 'x' } }),
  ],
  ['sides[1].query = "SELECT": no such key', workload({}, {}, { query: 'SELECT' })],
  [
    'sides[1].role = "null": expected predict: null operations and parts stand in `beside`',
    workload({}, {}, { role: 'null', of: 'database' }),
  ],
  [
    'beside[0].of = "nobody": expected the name of one of the sides: database, service',
    workload({ beside: [http({ ...service, name: 'x', of: 'nobody' })] }),
  ],
  [
    'beside[0].of is missing: a side whose role is part belongs to another',
    workload({ beside: [http({ ...service, name: 'x', role: 'part' })] }),
  ],
  [
    'beside[0].name = "service": expected a name that no other side has',
    workload({ beside: [http(service)] }),
  ],
])('%s', (expected, given) => {
  const lines = told(given)
  expect(lines.join('\n')).toContain(expected)
  // What is wrong is told, and nothing besides.
  expect(lines).toHaveLength(1)
})

const canary = 'c4nary'

test.each([
  `postgres://u:${canary}@h/db`,
  `postgresql://u@h/db?password=${canary}`,
  `https://h/${canary}`,
  `HTTP://u:${canary}@h`,
  `host=h user=u password=${canary}`,
  `host=h sslpassword = '${canary}'`,
])('an address in the place of a name is not told: %s', (address) => {
  for (const given of [
    workload({}, { address }),
    workload({ keys: { file: address, format: 'x' } }),
    workload({}, {}, { headers: { Authorization: { variable: address } } }),
    workload({}, {}, { method: address }),
    workload({ sides: [{ name: 'a', address }] }),
    workload({ published: { source: 'x', clients: address, sides: {} } }),
  ]) {
    expect(told(given).length).toBeGreaterThan(0)
    expect(told(given).join('\n')).not.toContain(canary)
  }
})

test('that an address is no name of a variable is said, with the reason', () => {
  expect(told(workload({}, { address: 'postgres://u:p@h/db' }))).toEqual([
    'sides[0].address = "postgres://…": expected the name of an environment variable, as DATABASE_URL: an address may hold a secret and does not belong in a file',
  ])
})
