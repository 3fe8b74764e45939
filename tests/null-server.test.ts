/** A null operation gets what its side really answers, whatever the workload is: asked from Node and by k6, over each protocol. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forK6 } from '../targets/address/clients.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { postgresAddress } from '../targets/address/postgres.ts'
import { type Asked, withAsker } from '../targets/asker.ts'
import { HttpClient } from '../targets/http.ts'
import { startNullServer } from '../targets/null-server.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import type { AnswerKind, HttpSide, SqlSide } from '../workload/workload.ts'
import { k6Run } from './program.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'null server '))
})
afterAll(() => rm(folder, { recursive: true }))

const asked = (answer: AnswerKind): Asked => ({ answer, texts: {}, variables: {} })

describe('SQL', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres({ home: path.join(folder, 'postgres'), settings: ['DateStyle=German'] })
    await withClient(server.url, (client) =>
      client.query(`
        CREATE DOMAIN scores AS real[];
        CREATE TYPE mood AS ENUM ('glad', 'not glad');
        CREATE TABLE visits AS SELECT n AS visit, timestamptz '2026-01-01 UTC' + n * interval '1 hour' AS at,
          CASE WHEN n % 3 > 0 THEN 'label ü ' || n END AS label FROM generate_series(1, 500) AS n`),
    )
  })
  afterAll(() => server?.stop())

  const questions: [string, AnswerKind, Pick<SqlSide, 'query' | 'parameters' | 'value'>][] = [
    ['a real', 'number', { query: 'SELECT 0.1::real', parameters: () => [] }],
    ['a text, by a text', 'text', { query: 'SELECT upper($1)', parameters: () => ['ü'] }],
    ['a truth value', 'truth', { query: 'SELECT $1 > now()', parameters: () => [new Date(0)] }],
    [
      'numbers of a domain, by arrays',
      'numbers',
      { query: 'SELECT ($1::real[] || $2)::scores', parameters: () => [[1.5, 2], [3]] },
    ],
    [
      'a value of a row, by more than nine parameters of other types than int4',
      'number',
      {
        query: `SELECT 'a' AS a, $1::text || $2::uuid || $3::date || $4::mood, $5::numeric, $6::bigint, $7::bytea, $8::jsonb, $9::bool,
          $10::float8 + length($11) AS score`,
        parameters: () => [
          ...[
            '$12',
            'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11',
            '2026-02-03',
            'not glad',
            '0.1',
            '9007199254740993',
          ],
          ...[new Uint8Array([0, 255]), { list: [1, null] }, true, 0.25, 'four'],
        ],
        value: ([row]) => row?.score,
      },
    ],
    [
      'many rows with NULLs, and moments',
      'text',
      {
        query: 'SELECT * FROM visits WHERE visit > $1 ORDER BY visit',
        parameters: () => [100],
        value: (rows) => `${rows.length} ${rows.at(-1)?.label}`,
      },
    ],
  ]

  /** What the side and its null server answer, three times each in each mode. */
  const script = `
    import sql from 'k6/x/sql'
    import pgx from 'k6/x/sql/driver/pgx'
    import recorder from 'k6/x/recorder'
    import { query, parameters } from './question.js'
    const found = ['simple', 'extended', 'prepared'].map((mode) => {
      return [__ENV.REAL, __ENV.NULL].map((address) =>
        sql.open(pgx, address + '&query_mode=' + mode, { max_open_conns: 1 }))
    })
    export default () => {
      const text = JSON.stringify(found.map((pair) => pair.map((database) =>
        [0, 0, 0].map(() => database.query(query, ...parameters())))))
      recorder.save(__ENV.FILE, text)
    }\n`

  test.each(questions)('%s', async (_, answer, question) => {
    const side: SqlSide = { ...question, protocol: 'sql', name: 'database', address: 'DATABASE_URL' }
    const address = postgresAddress(server.url)
    const told = asked(answer)
    const ask = (to: typeof address) =>
      withAsker(side, to, told, async (asker) => (await asker.ask(1)).answers[0])
    const real = await ask(address)
    const idle = await startNullServer([{ side, address }], 1, told)
    try {
      const [{ address: variable, to } = { address: '', to: address }] = idle.addresses
      expect(variable).toBe('NULL_DATABASE_URL')
      expect(await ask(to as typeof address)).toEqual(real)

      const file = path.join(folder, 'script.js')
      await writeFile(file, script)
      await writeFile(
        path.join(folder, 'question.js'),
        `export const query = ${JSON.stringify(question.query)}\nexport const parameters = ${question.parameters}\n`,
      )
      const { code, output } = await k6Run(file, {
        ...{ REAL: forK6(address), NULL: forK6(to), FILE: path.join(folder, 'found.json') },
      })
      expect(code, output).toBe(0)
      const found = await readFile(path.join(folder, 'found.json'), 'utf8')
      const modes = JSON.parse(found) as [unknown[], unknown[]][]
      expect(modes).toHaveLength(3)
      for (const [ofSide, ofNull] of modes) {
        expect(ofSide[0]).not.toEqual([])
        expect(ofNull).toEqual(ofSide)
      }
    } finally {
      await idle.stop()
    }
  })
})

describe('HTTP', () => {
  const seen: string[] = []
  const service = http.createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray())
    seen.push(`${request.method} ${request.url} ${request.headers.authorization ?? ''} ${body}`)
    if (request.url?.startsWith('/long')) {
      response.writeHead(203, {
        'Content-Type': 'application/json',
        'X-Worker': '7',
        'Set-Cookie': 'id=secret; Path=/',
      })
      for (let part = 0; part < 100; part++) response.write(part === 0 ? '[1' : `,${part}`.padStart(100))
      response.end(']')
    } else response.writeHead(200, { 'Content-Type': 'text/plain' }).end('glad')
  })
  let origin: string
  beforeAll(async () => {
    await new Promise<void>((done) => service.listen(0, '127.0.0.1', done))
    origin = `127.0.0.1:${(service.address() as AddressInfo).port}`
  })
  afterAll(() => new Promise((done) => service.close(done)))

  const everything = async (address: HttpAddress, path: string) => {
    const client = new HttpClient(address)
    const { status, headers, body } = await client.request({ path })
    await client.close()
    const { date, 'content-length': _, 'transfer-encoding': __, ...others } = headers
    return { status, headers: { ...others, date: typeof date }, body: Buffer.from(body).toString() }
  }

  test('a text with a user, by GET, and many numbers in pieces with a cookie, by PUT', async () => {
    const sides: [HttpSide, HttpAddress, Asked][] = [
      [
        {
          ...{ protocol: 'http', name: 'mood', address: 'MOOD_URL', method: 'GET', answerAs: 'text' },
          path: () => 'mood?of=1',
        },
        httpAddress(`http://me:word@${origin}/base?token=1`),
        asked('text'),
      ],
      [
        {
          ...{ protocol: 'http', name: 'list', address: 'LIST_URL', method: 'PUT', statuses: [203] },
          body: (key) => ({ key }),
          worker: 'X-Worker',
        },
        httpAddress(`http://${origin}/long`),
        asked('numbers'),
      ],
    ]
    const idle = await startNullServer(
      sides.map(([side, address]) => ({ side, address })),
      1,
      asked('text'),
    )
    try {
      expect(seen).toEqual(['GET /base/mood?token=1&of=1 Basic bWU6d29yZA== ', 'PUT /long  {"key":1}'])
      for (const [index, [side, address, told]] of sides.entries()) {
        const to = idle.addresses[index]?.to as HttpAddress
        // What the client sends is the same, but for the host.
        expect([to.target, to.authorization]).toEqual([address.target, address.authorization])
        const ask = (where: HttpAddress) =>
          withAsker(side, where, told, async (asker) => (await asker.ask(1)).answers[0])
        expect(await ask(to)).toEqual(await ask(address))
      }
      const [plain, long] = idle.addresses.map(({ to }) => to as HttpAddress) as [HttpAddress, HttpAddress]
      expect(await everything(plain, '/')).toEqual(await everything(httpAddress(`http://${origin}/`), '/'))
      const { headers, ...real } = await everything(httpAddress(`http://${origin}/`), '/long')
      expect(await everything(long, '/any?thing')).toEqual({
        ...real,
        headers: { ...headers, 'set-cookie': 'id=xxxxxx; Path=/' },
      })
    } finally {
      await idle.stop()
    }
  })
})
