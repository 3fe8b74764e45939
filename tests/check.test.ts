/** What `check` says of workloads, services and databases that are not as they must be: one clear error each, and the next step. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { inCache } from '../build/paths.ts'
import { main } from '../cli/main.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'

let folder = ''
let database: PostgresServer
let server: Server
let listener: RequestListener
let said = ''

const token = 'canary-of-a-token'

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'check in a path '))
  server = createServer((request, response) => listener(request, response))
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  await mkdir(inCache('tests'), { recursive: true })
  database = await startPostgres({ home: inCache('tests', 'check') })
  await withClient(database.url, async (client) => {
    await client.query(`CREATE TABLE IF NOT EXISTS customers (id int, score float8, exact numeric);
      TRUNCATE customers; INSERT INTO customers VALUES (1, 0.1, 0.12345678901234567890), (2, 0.2, 0.5), (3, 0.3, 0.5), (3, 0.3, 0.5)`)
  })
})
afterAll(async () => {
  server?.closeAllConnections()
  server?.close()
  await database?.stop()
  await rm(folder, { recursive: true, force: true })
})

beforeEach(() => {
  said = ''
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation((text) => {
      said += text
      return true
    })
  vi.stubEnv('SERVICE_URL', `http://user:${token}@127.0.0.1:${(server.address() as AddressInfo).port}/`)
  vi.stubEnv('DATABASE_URL', database.url)
  listener = scores
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

const scores: RequestListener = async (request, response) => {
  const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as { id: number }
  response.end(JSON.stringify({ score: id / 10 }))
}
const answering =
  (status: number, body: string, headers = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end(body)

const keys = 'id\n1\n2\n'
const http = (more: string) =>
  `http({ name: 'service', address: 'SERVICE_URL', path: '/predict', body: (key) => ({ id: Number(key.id) }), ${more} })`
const sql = (query: string, more = 'parameters: (key) => [Number(key.id)]') =>
  `sql({ name: 'database', address: 'DATABASE_URL', query: ${JSON.stringify(query)}, ${more} })`
const usualHttp = http('value: (body) => body.score')
const usualSql = sql('SELECT score FROM customers WHERE id = $1')

/** @returns the exit code */
async function check(sides: string, { keysFile = keys as string | null, more = '' } = {}): Promise<number> {
  await rm(path.join(folder, 'keys.csv'), { force: true })
  if (keysFile !== null) await writeFile(path.join(folder, 'keys.csv'), keysFile)
  const file = path.join(folder, 'workload.ts')
  await writeFile(
    file,
    `import { http, sql, workload } from 'inference-gap'
export default workload({ name: 'churn', keys: './keys.csv', ${more} sides: [${sides}] })\n`,
  )
  return main(['check', '--workload', file])
}

/** One error of few lines, with its next step, without a stack and without a secret. */
async function expectError(parts: string[]): Promise<void> {
  for (const part of parts) expect(said).toContain(part)
  expect(said.match(/^ {2}→ .+/gm), said).toHaveLength(1)
  expect(said).not.toMatch(/^ +at .*:\d+/m)
  for (const secret of [token, await readFile(inCache('tests', 'check', 'password'), 'utf8')])
    expect(said).not.toContain(secret.trim())
}

test('what is asked, what comes back, what stays, and that both answer alike', async () => {
  expect(await check(`${usualSql}, ${usualHttp}`), said).toBe(0)
  expect(said).toContain('churn  (2 keys)')
  expect(said).toMatch(/database {2}\(SQL, .*; statement prepared\)/)
  expect(said).toMatch(/service {2}\(HTTP, .*; connection kept\)/)
  expect(said).toMatch(/\[1\] .*0\.1/)
  expect(said).toMatch(/\/predict \{"id":2\} .*0\.2/)
  expect(said).toContain('✓ database and service answer 2 of 2 keys alike')
})

test('sides that differ are shown with the first keys', async () => {
  const other = sql('SELECT score + 1 FROM customers WHERE id = $1')
  expect(await check(`${other}, ${usualHttp}`)).toBe(3)
  await expectError([
    '✗ database and service answer 0 of 2 keys alike',
    'key {"id":"1"}: database 1.1, service 0.1',
    'say so by `compare` in the workload',
  ])
})

test('what the first side answered is shown though the second does not', async () => {
  listener = answering(500, 'broken')
  expect(await check(`${usualSql}, ${usualHttp}`)).toBe(3)
  await expectError(['statement prepared', 'service at http://***@127.0.0.1:', 'HTTP 500 broken'])
})

test('a database that stumbles over its first question is asked once again, and that is said', async () => {
  await withClient(database.url, async (client) => {
    await client.query(`CREATE SEQUENCE IF NOT EXISTS stumbled; ALTER SEQUENCE stumbled RESTART;
      CREATE OR REPLACE FUNCTION stumbling(asked int) RETURNS float8 LANGUAGE plpgsql AS $$
      BEGIN
        IF nextval('stumbled') = 1 THEN RAISE 'called unwrap() on a None value' USING ERRCODE = 'internal_error'; END IF;
        RETURN asked / 10.0;
      END $$`)
  })
  expect(await check(`${sql('SELECT stumbling($1)')}, ${usualHttp}`), said).toBe(0)
  expect(said).toContain('✓ database and service answer 2 of 2 keys alike')
  expect(said).toContain(
    '! database: its first question failed inside the server and was asked once again (SQLSTATE XX000: called unwrap()',
  )
})

// PostgresML's settings, which any session may carry: it is told by them.
test.each([
  ['1', '1', /! database: pgml\.predict_concurrency 1, pgml\.omp_num_threads 1$/m],
  [
    '',
    '1',
    /! database: one row .*predict_concurrency 2 \(its default\), .*options=-c%20pgml.predict_concurrency%3D1/,
  ],
  ['1', '4', /! database: one row .*predict_concurrency 1, pgml\.omp_num_threads 4\)/],
])('threads of one prediction are told: %s and %s', async (predicting, openmp, expected) => {
  const options = [
    `-c pgml.omp_num_threads=${openmp}`,
    ...(predicting ? [`-c pgml.predict_concurrency=${predicting}`] : []),
  ].join(' ')
  const address = new URL(database.url)
  address.searchParams.set('options', options)
  vi.stubEnv('DATABASE_URL', address.href.replaceAll('+', '%20'))
  expect(await check(usualSql), said).toBe(0)
  expect(said).toMatch(expected)
})

describe('a service', () => {
  test.each<[string, RequestListener, string[]]>([
    [
      'another path',
      answering(404, '{"detail":"Not Found"}'),
      ['HTTP 404 {"detail":"Not Found"}', 'sent was', 'POST /predict', '`path` of the side'],
    ],
    ['nobody that it knows', answering(401, 'who are you?'), ['HTTP 401 who are you?', 'Authorization']],
    [
      'a redirection',
      answering(307, '', { location: '/predict/' }),
      ['HTTP 307, a redirection to', 'No redirection is followed'],
    ],
    [
      'a page',
      answering(200, '<html>Welcome</html>', { 'content-type': 'text/html' }),
      ['expected JSON, got <html>Welcome</html> (text/html)', 'answerAs'],
    ],
    [
      'a body that it does not take',
      answering(422, '{"detail":"id is missing"}'),
      ['HTTP 422 {"detail":"id is missing"}', '{\\"id\\":', '`body` of the side'],
    ],
    [
      'another answer',
      answering(200, '{"result":1}'),
      ['expected a finite number, got undefined from {"result":1}', '`value` of the side'],
    ],
    [
      'a number that is a text',
      answering(200, '{"score":"0.5"}'),
      ['expected a finite number, got "0.5"', 'a text: make it a number', 'Number(…)'],
    ],
    ['a connection that breaks', (request) => void request.socket.destroy(), ['broke before the answer']],
  ])('%s', async (_, answers, parts) => {
    listener = answers
    expect(await check(usualHttp), said).toBe(3)
    await expectError(['service at http://***@127.0.0.1:', 'key {"id":"', ...parts])
  })

  test('a value that throws', async () => {
    expect(await check(http('value: (body) => body.no.score'))).toBe(3)
    await expectError(['its value throws: Cannot read properties of undefined', 'from {"score":0.'])
  })

  test('a refused connection', async () => {
    vi.stubEnv('SERVICE_URL', `http://user:${token}@127.0.0.1:1/`)
    expect(await check(usualHttp)).toBe(3)
    await expectError(['service at http://***@127.0.0.1:1/', 'ECONNREFUSED', 'Nothing listens there'])
  })

  test('a variable that is not set', async () => {
    vi.stubEnv('SERVICE_URL', '')
    expect(await check(usualHttp)).toBe(2)
    await expectError(['SERVICE_URL is not set', 'the address of service', 'export SERVICE_URL='])
  })

  test('a header whose variable is not set', async () => {
    const headers = "headers: { Authorization: { variable: 'NO_SUCH_TOKEN' } }"
    expect(await check(http(headers))).toBe(2)
    await expectError(['NO_SUCH_TOKEN is not set', 'header Authorization', 'export NO_SUCH_TOKEN='])
  })

  test('an address that is none', async () => {
    vi.stubEnv('SERVICE_URL', `ftp://${token}`)
    expect(await check(usualHttp)).toBe(2)
    await expectError(['SERVICE_URL', 'expected http://host:port/path'])
  })
})

describe('a database', () => {
  test.each<[string, string, string[]]>([
    [
      'an error of syntax, with its place',
      sql('SELECT score\nFORM customers WHERE id = $1'),
      ['SQLSTATE 42601', 'line 2, column 6 of its query: "customers WHERE', 'Correct the query'],
    ],
    [
      'a table that is not there',
      sql('SELECT score FROM clients WHERE id = $1'),
      ['SQLSTATE 42P01', '"clients" does not exist', 'A table is missing there'],
    ],
    [
      'a column that is not there',
      sql('SELECT risk FROM customers WHERE id = $1'),
      ['SQLSTATE 42703', '"risk" does not exist', 'A column is missing there'],
    ],
    [
      'a function that is not there',
      sql('SELECT predict($1::int)'),
      ['SQLSTATE 42883', 'predict(integer) does not exist', 'create the extension'],
    ],
    [
      'a parameter of another type',
      sql('SELECT score FROM customers WHERE id = $1', "parameters: (key) => ['number ' + key.id]"),
      ['SQLSTATE 22P02', 'its parameters are ["number ', 'convert it in `parameters`'],
    ],
    [
      'no row',
      sql('SELECT score FROM customers WHERE id = -$1::int'),
      ['expected a finite number, got [] (no rows; expected one row of one value'],
    ],
    [
      'two rows',
      sql('SELECT score FROM customers WHERE id = 3 AND $1::int > 0'),
      ['(2 rows; expected one row of one value, or a value: (rows) => … in the side)'],
    ],
    [
      'two columns',
      sql('SELECT id, score FROM customers WHERE id = $1'),
      ['(one row of 2 columns; expected one row of one value'],
    ],
    [
      'a numeric of more digits than a number has',
      sql('SELECT max(exact) FROM customers WHERE id <= $1 AND id = 1'),
      ['got "0.12345678901234567890"', 'a text: make it a number, in SQL by a cast as score::float8'],
    ],
    ['NULL', sql('SELECT NULL::float8 FROM customers WHERE id = $1'), ['expected a finite number, got null']],
    [
      'a value that throws',
      sql(
        'SELECT score FROM customers WHERE id = $1',
        'parameters: (key) => [key.id], value: (rows) => rows[5].score',
      ),
      ['its value throws: Cannot read properties of undefined', 'from the rows [{"score":0.'],
    ],
    [
      'a setting that is not there',
      sql('SELECT 1 WHERE $1::int > 0', "parameters: (key) => [1], settings: { no_such_setting: 'x' }"),
      ['unrecognized configuration parameter "no_such_setting"', '`settings` of the side'],
    ],
  ])('%s', async (_, side, parts) => {
    expect(await check(side), said).toBe(3)
    await expectError(['database at postgres://', ...parts])
  })

  test('a refused connection', async () => {
    vi.stubEnv('DATABASE_URL', `postgres://user:${token}@127.0.0.1:1/x`)
    expect(await check(usualSql)).toBe(3)
    await expectError(['database at postgres://', 'ECONNREFUSED', 'Nothing listens there'])
  })

  test('a password that is not the right one', async () => {
    const url = new URL(database.url)
    url.password = token
    vi.stubEnv('DATABASE_URL', url.href)
    expect(await check(usualSql)).toBe(3)
    await expectError(['database at postgres://', 'Check user, password and pg_hba.conf'])
  })
})

describe('keys', () => {
  test.each<[string, string | null, string[]]>([
    ['missing', null, ['keys.csv cannot be read: no such file']],
    ['empty', '', ['keys.csv is empty']],
    ['of no row', 'id\n', ['keys.csv holds no key; expected one at the least']],
    ['of uneven rows', 'id\n1,2\n', ['keys.csv is not CSV as it must be', 'line 2']],
    ['of two columns of a name', 'id,id\n1,2\n', ["keys.csv has the column 'id' twice"]],
  ])('%s', async (_, keysFile, parts) => {
    expect(await check(usualHttp, { keysFile })).toBe(2)
    await expectError(parts)
  })

  test('with a column of another name are no question', async () => {
    expect(await check(usualSql, { keysFile: 'customer\n1\n' })).toBe(2)
    await expectError(['key[0] = {"customer":"1"}', 'expected $1 to be made of this key, got NaN'])
  })
})

/** Before anybody is asked: it is the workload that does not fit. */
describe('a question', () => {
  test.each<[string, string, string[]]>([
    [
      'of too many parameters',
      sql('SELECT score FROM customers WHERE id = $1', 'parameters: (key) => [Number(key.id), 1]'),
      ['database.key[0] = [1,1]: expected as many parameters as the query has'],
    ],
    [
      'of too few parameters',
      sql('SELECT score FROM customers WHERE id = $1', 'parameters: () => []'),
      ['database.key[0] = []: expected as many parameters as the query has'],
    ],
    [
      'whose parameters throw',
      sql('SELECT score FROM customers WHERE id = $1', 'parameters: (key) => [key.customer.id]'),
      ['database.key[0] = {"id":"1"}', 'Cannot read properties of undefined'],
    ],
    [
      'whose body throws',
      "http({ name: 'service', address: 'SERVICE_URL', body: (key) => key.customer.id })",
      ['service.key[0] = {"id":"1"}', 'Cannot read properties of undefined'],
    ],
  ])('%s', async (_, side, parts) => {
    expect(await check(side), said).toBe(2)
    await expectError(['workload.ts makes no question of some keys of', 'keys.csv', ...parts])
  })
})

describe('a workload', () => {
  test('that is not there', async () => {
    expect(await main(['check', '--workload', path.join(folder, 'no-such.ts')])).toBe(2)
    await expectError(['no-such.ts cannot be read: no such file', 'npx inference-gap init'])
  })

  test('that does not parse', async () => {
    expect(await check('sql({')).toBe(2)
    await expectError(['workload.ts:2:', 'cannot be bundled'])
  })

  test('that says what there is not', async () => {
    expect(await check(http("bodyAs: 'xml'"))).toBe(2)
    await expectError(['workload.ts does not fit', 'sides[0].bodyAs = "xml"'])
  })
})
