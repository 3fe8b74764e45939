/** Forms of addresses of a database by clients, against servers that listen in each of these ways; each client must come in by the same way. */
import { execFile } from 'node:child_process'
import { chmodSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { probe } from '../build/probe.ts'
import { forPgx } from '../targets/address/clients.ts'
import { type PostgresAddress, postgresAddress } from '../targets/address/postgres.ts'
import { withClient } from '../targets/postgres/client.ts'
import { libpqEnvironment, pgbenchFor } from '../targets/postgres/libpq.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { canListen, host, loopback, reserved } from './loopback.ts'
import { k6Run } from './program.ts'
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts'

let folder: string
let certificates: Certificates

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'addresses-'))
  chmodSync(folder, 0o755)
  certificates = makeCertificates(folder)
  chmodSync(certificates.key, 0o600)
})
afterAll(() => rm(folder, { recursive: true }))

let server: PostgresServer
let port: string
let proxy: TlsProxy

beforeAll(async () => {
  server = await startPostgres({
    home: path.join(folder, 'postgres'),
    settings: [`listen_addresses=127.0.0.1,${loopback}`, `unix_socket_directories=${folder}`],
  })
  port = new URL(server.url).port
  proxy = await startTlsProxy(certificates, Number(port))
  await withClient(server.url, async (client) => {
    const { rows } = await client.query('SELECT quote_literal($1) AS password', [reserved])
    await client.query(`CREATE ROLE visitor LOGIN PASSWORD ${rows[0].password}`)
    await client.query('CREATE DATABASE "of a = visitor" OWNER visitor')
  })
})
afterAll(async () => {
  await proxy?.close()
  await server?.stop()
})

/** A division by zero unless the server sees it so. */
const seen = (condition: string) =>
  `SELECT 1 / (SELECT count(*)::int FROM (SELECT) AS one WHERE current_user = 'visitor' AND ${condition})`

const clients: Record<string, (address: PostgresAddress, query: string) => Promise<unknown>> = {
  'node-postgres': (address, query) => withClient(address, (client) => client.query(query)),
  pgbench: async (address, query) => {
    const script = path.join(folder, 'pgbench.sql')
    await writeFile(script, `${query};\n`)
    await promisify(execFile)(
      await pgbenchFor(address),
      ['--no-vacuum', `--file=${script}`, '--transactions=1'],
      {
        env: { PATH: process.env.PATH, HOME: folder, ...libpqEnvironment(address) },
      },
    )
  },
  k6: async (address, query) => {
    const script = path.join(folder, 'one-query.js')
    await writeFile(
      script,
      `import sql from 'k6/x/sql'
import pgx from 'k6/x/sql/driver/pgx'
import exec from 'k6/execution'
const database = sql.open(pgx, __ENV.ADDRESS)
export default () => {
try { database.query(__ENV.QUERY) } catch (error) { exec.test.abort(String(error)) }
}\n`,
    )
    const { code, output } = await k6Run(script, { ADDRESS: forPgx(address), QUERY: query })
    if (code !== 0) throw new Error(output)
  },
}

const user = `visitor:${encodeURIComponent(reserved)}`
const tcp = 'inet_server_addr() IS NOT NULL'
/** What it is, the address, what the server sees, and whether it is spoken to by TLS. */
const forms: [string, () => string, string, boolean?][] = [
  ['TCP', () => `postgres://${user}@127.0.0.1:${port}/postgres?sslmode=disable`, tcp],
  ['TCP to who has no TLS', () => `postgres://${user}@localhost:${port}/postgres`, tcp],
  [
    'IPv6',
    () => `postgres://${user}@[::1]:${port}/postgres?sslmode=disable`,
    'family(inet_server_addr()) = 6',
  ],
  [
    'a socket',
    () => `postgres://${user}@/postgres?host=${folder}&port=${port}`,
    'inet_server_addr() IS NULL',
  ],
  [
    'a socket as host',
    () => `postgres://${user}@${encodeURIComponent(folder)}:${port}/postgres`,
    'inet_server_addr() IS NULL',
  ],
  [
    'an un-encoded @ in the password',
    () => `postgres://visitor:${encodeURIComponent(reserved).replace('%40', '@')}@127.0.0.1:${port}/postgres`,
    tcp,
  ],
  [
    'a password as parameter',
    () => `postgres://visitor@127.0.0.1:${port}/postgres?password=${encodeURIComponent(reserved)}`,
    tcp,
  ],
  ['the second of two hosts', () => `postgres://${user}@127.0.0.1:1,127.0.0.1:${port}/postgres`, tcp],
  [
    'a database like a connection string',
    () => `postgres://${user}@127.0.0.1:${port}/${encodeURIComponent('of a = visitor')}`,
    "current_database() = 'of a = visitor'",
  ],
  [
    'settings of the session',
    () => `postgres://${user}@127.0.0.1:${port}/postgres?options=-c%20work_mem%3D7MB`,
    "current_setting('work_mem') = '7MB'",
  ],
  ['TLS as libpq prefers it', () => `postgres://${user}@localhost:${proxy.port}/postgres`, tcp, true],
  ['TLS', () => `postgres://${user}@127.0.0.1:${proxy.port}/postgres?sslmode=require`, tcp, true],
  ['TLS, checked', () => `postgres://${user}@${host}:${proxy.port}/postgres?sslmode=verify-full`, tcp, true],
  [
    'TLS, checked by a file in the address',
    () =>
      `postgres://${user}@localhost:${proxy.port}/postgres?sslmode=verify-ca&sslrootcert=${certificates.ca}`,
    tcp,
    true,
  ],
  [
    'TLS at once',
    () => `postgres://${user}@localhost:${proxy.port}/postgres?sslmode=require&sslnegotiation=direct`,
    tcp,
    true,
  ],
  [
    'no TLS, though it is there',
    () => `postgres://${user}@127.0.0.1:${proxy.port}/postgres?sslmode=disable`,
    tcp,
  ],
]

/** The pgbench that comes with Postgres has no TLS. */
const isThere = (client: string, isSecured = false) =>
  client !== 'pgbench' || !isSecured || probe('pgbench', '--version') !== undefined

test.each(
  forms
    .filter(canListen)
    .flatMap((form) => Object.keys(clients).map((client) => [form[0], client, form] as const)),
)('%s, by %s', async (_form, client, [, text, condition, isSecured]) => {
  const address = postgresAddress(text(), { ca: certificates.ca })
  const before = proxy.secured()
  const asked = clients[client]?.(address, seen(condition))
  if (!isThere(client, isSecured)) return expect(asked).rejects.toThrow('there is none on the path')
  await asked
  expect(proxy.secured() > before).toBe(isSecured ?? false)
})

test.each(
  Object.keys(clients),
)('a server whose certificate nobody knows is refused by %s', async (client) => {
  const address = postgresAddress(`postgres://${user}@localhost:${proxy.port}/postgres?sslmode=verify-full`, {
    ca: certificates.stranger,
  })
  const asked = clients[client]?.(address, 'SELECT 1')
  await expect(asked).rejects.toThrow(/certificate/)
  await asked?.catch((error: Error) => {
    for (const secret of [reserved, encodeURIComponent(reserved)]) expect(String(error)).not.toContain(secret)
  })
})

test('a scenario by hand comes in by a socket', async () => {
  const keys = path.join(folder, 'keys.json')
  await writeFile(keys, '[[1,2,3,4]]')
  const POSTGRES_URL = `postgres://${user}@/postgres?host=${folder}&port=${port}`
  const asked = await k6Run(bundle('postgres-predict'), {
    ...{ CLIENTS: '1', DURATION: '1', KEYS_FILE: keys, POSTGRES_URL },
  })
  expect(asked.output).toContain('SQLSTATE 42P01')
})

test('a scenario by hand checks by the certificates of CA_FILE', async () => {
  const keys = path.join(folder, 'keys.json')
  await writeFile(keys, '[[1,2,3,4]]')
  const env = {
    ...{ CLIENTS: '1', DURATION: '1', KEYS_FILE: keys },
    POSTGRES_URL: `postgres://${user}@localhost:${proxy.port}/postgres?sslmode=verify-full`,
  }
  // The server is asked, and has no model.
  const trusting = await k6Run(bundle('postgres-predict'), { ...env, CA_FILE: certificates.ca })
  expect(trusting.output).toContain('does not exist')
  expect(trusting.output).not.toContain('certificate')
  const other = await k6Run(bundle('postgres-predict'), { ...env, CA_FILE: certificates.stranger })
  expect(other.output).toContain('certificate')
})

test.each(Object.keys(clients))('what the server does not see fails by %s', async (client) => {
  const address = postgresAddress(`postgres://${user}@127.0.0.1:${port}/postgres?sslmode=disable`)
  await expect(clients[client]?.(address, seen('inet_server_addr() IS NULL'))).rejects.toThrow(
    /division by zero/,
  )
})
