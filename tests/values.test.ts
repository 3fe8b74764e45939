/** A value of a database is the same for Node, which checks parity with it, as for k6, whatever the session is set to. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { forK6 } from '../targets/address/clients.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import { setSession } from '../targets/postgres/session.ts'
import { Values } from '../targets/postgres/values.ts'
import { k6Run } from './program.ts'

/** What a user may set for other reasons, and what is documented to change no value. */
const settings = {
  ...{
    DateStyle: 'German, DMY',
    IntervalStyle: 'iso_8601',
    TimeZone: 'Europe/Paris',
    bytea_output: 'escape',
  },
  ...{ extra_float_digits: '-15', quote_all_identifiers: 'on', array_nulls: 'off' },
}

let folder: string
let server: PostgresServer
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'values '))
  server = await startPostgres({ home: path.join(folder, 'postgres') })
  await withClient(server.url, (client) =>
    client.query(`
      CREATE TYPE mood AS ENUM ('ok', 'not "so", {ok}');
      CREATE DOMAIN instant AS timestamptz;
      CREATE DOMAIN integers AS integer[];
      CREATE DOMAIN document AS jsonb;
      CREATE TYPE visit AS (at timestamptz, who text, others timestamptz[]);
      CREATE TABLE visitors (id int, at timestamptz); INSERT INTO visitors VALUES (1, '2026-01-01 12:00+00')`),
  )
})
afterAll(async () => {
  await server?.stop()
  await rm(folder, { recursive: true })
})

/** Each beside an expression that the README's table promises it for; the right ones were not taken from our output. */
const promised: [expression: string, value: unknown][] = [
  ['7::smallint', 7],
  ['9007199254740991::bigint', 9007199254740991],
  ['9007199254740992::bigint', '9007199254740992'],
  ['-9007199254740993::bigint', '-9007199254740993'],
  ['4294967295::oid', 4294967295],
  ['0.1::real', 0.10000000149011612],
  ['0.1::float8', 0.1],
  ['1e-300::float8', 1e-300],
  ["'-Infinity'::float8", Number.NEGATIVE_INFINITY],
  ['0.5::numeric', 0.5],
  ['1.50::numeric', 1.5],
  ['0.1::numeric', '0.1'],
  ['1e20::numeric', 1e20],
  ['-9007199254740993::numeric', '-9007199254740993'],
  ['1e-400::numeric', `0.${'0'.repeat(399)}1`],
  ["'NaN'::numeric", Number.NaN],
  ['true', true],
  ['NULL::int', null],
  [`'{"a": 1}'::json`, '{"a": 1}'],
  [`'{"a":1}'::jsonb`, '{"a": 1}'],
  ["'2013-01-02'::date", '2013-01-02'],
  ["'1 year 2 mons -3 days 04:05:06.7'::interval", '1 year 2 mons -3 days +04:05:06.7'],
  ["'2013-01-02 03:04:05.678901+02'::timestamptz", '2013-01-02T01:04:05.678901Z'],
  ["'1900-01-01'::timestamptz", '1899-12-31T23:50:39Z'],
  ["'0044-03-15 12:00:00 BC'::timestamp", '-000043-03-15T12:00:00'],
  ["'0001-01-01 00:00:00+01'::timestamptz", '0000-12-31T23:00:00Z'],
  ["'294276-12-31 23:59:59.5+00'::timestamptz", '+294276-12-31T23:59:59.5Z'],
  ["'2013-01-02 03:04:05'::timestamp", '2013-01-02T03:04:05'],
  ["'infinity'::timestamptz", 'infinity'],
  ["'04:05:06+01:30'::timetz", '04:05:06+01:30'],
  ["'(1,2)'::point", '(1,2)'],
  ["'<(1,2),3>'::circle", '<(1,2),3>'],
  ["'2026-01-02 UTC'::instant", '2026-01-02T00:00:00Z'],
  ['ARRAY[1, NULL, 3]', [1, null, 3]],
  ["'{}'::int[]", []],
  ["'[0:1]={5,6}'::int[]", [5, 6]],
  [
    'ARRAY[[0.5, 0.1], [NULL, 2]]::numeric[]',
    [
      [0.5, '0.1'],
      [null, 2],
    ],
  ],
  ['ARRAY[9007199254740993, 1]', ['9007199254740993', 1]],
  [
    `ARRAY['a,b', 'c"d', 'e\\f', 'NULL', NULL, '', '{', 'é漢']`,
    ['a,b', 'c"d', 'e\\f', 'NULL', null, '', '{', 'é漢'],
  ],
  ["ARRAY['2026-01-02 UTC']::timestamptz[]", ['2026-01-02T00:00:00Z']],
  ["ARRAY['2026-01-02 UTC']::instant[]", ['2026-01-02T00:00:00Z']],
  [`ARRAY['{"a": 1}']::jsonb[]`, ['{"a": 1}']],
  ["ARRAY['(1,2),(0,1)', '(3,4),(1,2)']::box[]", ['(1,2),(0,1)', '(3,4),(1,2)']],
  [`ARRAY['ok', 'not "so", {ok}']::mood[]`, ['ok', 'not "so", {ok}']],
  ["'{1,2}'::integers", [1, 2]],
  [`ARRAY['{1,2}', '{3}']::integers[]`, [[1, 2], [3]]],
  ["'1 2 3'::int2vector", [1, 2, 3]],
  ["''::oidvector", []],
  // Times in other values are written as Postgres writes them, in UTC: the session's own zone is the user's.
  [
    "tstzrange('2026-01-02 03:04+02', '2026-07-01 12:00')",
    '["2026-01-02 01:04:00+00","2026-07-01 10:00:00+00")',
  ],
  ["tstzrange('1900-01-01', 'infinity')", '["1899-12-31 23:50:39+00",infinity)'],
  ["tstzrange('0001-01-01 00:00:00.5+01', NULL)", '["0001-12-31 23:00:00.5+00 BC",)'],
  ["'empty'::tstzrange", 'empty'],
  ["tstzmultirange(tstzrange('2026-01-02 01:00+01', NULL, '()'))", '{("2026-01-02 00:00:00+00",)}'],
  ["ARRAY[tstzrange(NULL, '2026-01-02 01:00+01', '[]'), NULL]", ['(,"2026-01-02 00:00:00+00"]', null]],
  [
    "ROW('2026-07-01 12:00', 'a \"b\", (\\c) 2026-01-01 00:00:00+01', ARRAY['2026-01-02 01:00+01', NULL, 'infinity'])::visit",
    '("2026-07-01 10:00:00+00","a ""b"", (\\\\c) 2026-01-01 00:00:00+01","{""2026-01-02 00:00:00+00"",NULL,infinity}")',
  ],
  ["ARRAY[ROW('2026-07-01 12:00', NULL, '{}')::visit]", ['("2026-07-01 10:00:00+00",,{})']],
  ['(SELECT v FROM visitors AS v)', '(1,"2026-01-01 12:00:00+00")'],
  ["'[2026-01-01 01:00, 2026-01-02)'::tsrange", '["2026-01-01 01:00:00","2026-01-02 00:00:00")'],
  ["'-1234.5'::numeric::money", '-$1,234.50'],
]

/** What is sent by how a script writes it, and what the database makes of it: text, where the answer might hide a difference. */
const sent: [cast: string, parameter: string, value: unknown][] = [
  [
    'jsonb::text',
    `[1, 'a"b', null, { c: [true, 2n ** 64n] }]`,
    '[1, "a\\"b", null, {"c": [true, 18446744073709551616]}]',
  ],
  ['json', '[[1], [2, [3]]]', '[[1],[2,[3]]]'],
  ['document::text', '[]', '[]'],
  ['jsonb::text', 'new Float32Array([0.5, NaN])', '[0.5, null]'],
  ['jsonb::text', '{ a: new Float64Array([1]), b: 9007199254740993n }', '{"a": [1], "b": 9007199254740993}'],
  ['jsonb[]::text[]', '[{ a: [1] }, null, 2]', ['{"a": [1]}', null, '2']],
  ['jsonb', "'[1]'", '[1]'],
  [
    'text[]',
    `['a,b', 'c"d', 'e\\\\f', 'NULL', null, '', '{']`,
    ['a,b', 'c"d', 'e\\f', 'NULL', null, '', '{'],
  ],
  [
    'int[]',
    '[[1, null], [undefined, 4]]',
    [
      [1, null],
      [null, 4],
    ],
  ],
  ['real[]', 'new Float32Array([0.5, 0.1])', [0.5, Math.fround(0.1)]],
  ['integers', '[1, 2]', [1, 2]],
  ['integers[]', '[[1, 2], [3]]', [[1, 2], [3]]],
  ['box[]', "['(1,2),(0,1)', '(3,4),(1,2)']", ['(1,2),(0,1)', '(3,4),(1,2)']],
  ['int2vector', '[1, 2, 3]', [1, 2, 3]],
  ['mood[]', `['not "so", {ok}', 'ok']`, ['not "so", {ok}', 'ok']],
  ['bytea[]::text[]', '[new Uint8Array([0, 255, 92])]', ['\\x00ff5c']],
  ['bytea::text', 'new Uint8Array([97, 255]).buffer', '\\x61ff'],
  ['bytea::text', 'new Uint8Array([97, 255])', '\\x61ff'],
  ['timestamptz', 'new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678))', '2026-01-02T03:04:05.678Z'],
  ['timestamp', 'new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678))', '2026-01-02T03:04:05.678'],
  ['timestamptz', 'new Date(-1e14)', '-001199-02-15T14:13:20Z'],
  ['timestamptz[]', '[new Date(1e15), null]', ['+033658-09-27T01:46:40Z', null]],
  ['bigint', '9007199254740993n', '9007199254740993'],
  ['numeric', '1e21', 1e21],
  ['boolean', 'false', false],
  ['text', 'undefined', null],
]

const questions = [
  ...promised.map(([expression]) => ({ text: `SELECT ${expression} AS v`, parameters: '[]' })),
  ...sent.map(([cast, parameter]) => ({ text: `SELECT $1::${cast} AS v`, parameters: `[${parameter}]` })),
]

/** What JSON would lose. */
const seen = `const seen = (value) => Array.isArray(value) ? value.map(seen)
  : typeof value === 'number' ? { number: Object.is(value, -0) ? '-0' : String(value) } : value`

const script = `
  import sql from 'k6/x/sql'
  import pgx from 'k6/x/sql/driver/pgx'
  import recorder from 'k6/x/recorder'
  ${seen}
  const questions = JSON.parse(open(__ENV.QUESTIONS))
  const modes = ['simple', 'extended', 'prepared']
  const open_ = (mode) => sql.open(pgx, __ENV.ADDRESS + '&query_mode=' + mode, { max_open_conns: 1 })
  const databases = modes.map(open_)
  export default () => recorder.save(__ENV.FILE, JSON.stringify(databases.map((database) =>
    questions.map(({ text, parameters }) => seen(database.query(text, ...new Function('return ' + parameters)())[0].v)))))\n`

const asSeen = new Function('value', `${seen}; return seen(value)`) as (value: unknown) => unknown

const asParameters = (text: string) => new Function(`return ${text}`)() as unknown[]

test('Node and every mode of k6 give what the README promises', async () => {
  const address = postgresAddress(server.url)
  const values = [...promised, ...sent].map((each) => asSeen(each.at(-1)))
  const expected = questions.map((question, at) => [question, values[at]])

  const byNode = await withClient(address, async (client) => {
    await setSession(client, settings)
    const asked = new Values(client)
    const all: unknown[] = []
    for (const question of questions) {
      const { rows } = await asked.rows({ text: question.text, values: asParameters(question.parameters) })
      all.push([question, asSeen(rows[0]?.v)])
    }
    return all
  })
  expect(byNode).toEqual(expected)

  const files = { QUESTIONS: path.join(folder, 'questions.json'), FILE: path.join(folder, 'found.json') }
  await writeFile(files.QUESTIONS, JSON.stringify(questions))
  await writeFile(path.join(folder, 'script.js'), script)
  const given = Object.entries(settings).map(([name, value]) => `&${name}=${encodeURIComponent(value)}`)
  const { code, output } = await k6Run(path.join(folder, 'script.js'), {
    ...{ ...files, ADDRESS: forK6(address) + given.join('') },
  })
  expect(code, output).toBe(0)
  const modes = JSON.parse(await readFile(files.FILE, 'utf8')) as unknown[][]
  expect(modes).toHaveLength(3)
  for (const mode of modes) expect(mode.map((value, at) => [questions[at], value])).toEqual(expected)
})

test('bytes are bytes', () =>
  withClient(server.url, async (client) => {
    await setSession(client, settings)
    const { rows } = await new Values(client).rows({ text: String.raw`SELECT '\x00ff5c'::bytea AS v` })
    expect([...(rows[0]?.v as Uint8Array)]).toEqual([0, 255, 92])
  }))

test('a text that the server refuses to describe is its error, and the next one is asked', () =>
  withClient(server.url, async (client) => {
    const values = new Values(client)
    await expect(values.rows({ text: 'SELECT $1::no_type', values: [[1]] })).rejects.toMatchObject({
      code: '42704',
      position: '12',
    })
    const { rows } = await values.rows({ text: 'SELECT $1::jsonb AS v', values: [[1]] })
    expect(rows).toEqual([{ v: '[1]' }])
    await expect(values.rows({ text: 'SELECT $1::int2vector', values: [[[1]]] })).rejects.toThrow('int')
    await expect(values.rows({ text: 'SELECT $1::date', values: [new Date(Number.NaN)] })).rejects.toThrow(
      'an invalid Date is no parameter of a query',
    )
  }))
