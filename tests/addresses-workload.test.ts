/** Certificates of one's own and secrets in headers, with sides of a user's own: by the command line and by k6 alone. */
import { chmodSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundles } from '../build/paths.ts'
import { withClient } from '../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { customersTable, pathOfScore, scoreOf, writeCustomers } from './customers.ts'
import { host, loopback } from './loopback.ts'
import { inferenceGapIn, k6Run } from './program.ts'
import { startTlsProxy, type TlsProxy } from './tls-proxy.ts'
import { expectMeasured, left } from './verdicts.ts'

const own = path.join(bundles, 'tests-customers')
const token = 'of the service'

let folder: string
let certificates: Certificates
let server: PostgresServer
let proxy: TlsProxy
let service: https.Server
/** What came by TLS. */
let asked: { url: string | undefined; token: unknown }[] = []
let workload: string
let env: Record<string, string>

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'own sides '))
  chmodSync(folder, 0o755)
  certificates = makeCertificates(folder)
  chmodSync(certificates.key, 0o600)
  workload = await writeCustomers(folder)
  server = await startPostgres({ home: path.join(folder, 'postgres') })
  const { port, username, password, pathname } = new URL(server.url)
  proxy = await startTlsProxy(certificates, Number(port))
  await withClient(server.url, (client) => client.query(customersTable))
  const tls = { key: readFileSync(certificates.key), cert: readFileSync(certificates.certificate) }
  service = https.createServer(tls, async (request, response) => {
    asked.push({ url: request.url, token: request.headers['x-token'] })
    const { id } = JSON.parse(Buffer.concat(await request.toArray()).toString())
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ score: scoreOf(id) }))
  })
  await new Promise<void>((resolve) => service.listen(0, loopback, resolve))
  env = {
    DATABASE_URL: `postgres://${username}:${password}@localhost:${proxy.port}${pathname}?sslmode=verify-full`,
    SERVICE_URL: `https://${host}:${(service.address() as AddressInfo).port}/`,
    SERVICE_TOKEN: token,
  }
})
afterAll(async () => {
  await rm(own, { recursive: true, force: true })
  service.closeAllConnections()
  await new Promise((resolve) => service.close(resolve))
  await proxy.close()
  await server.stop()
  await rm(folder, { recursive: true })
})

const expectAsked = () => {
  expect(asked.length).toBeGreaterThan(0)
  for (const each of asked) expect(each).toEqual({ url: `/${pathOfScore}`, token })
}

const brief = ['--clients', '1', '--sessions', '1', '--pairs', '1', '--block', '1', '--warmup', '1']

test.each([
  ['check', []],
  ['compare', [...brief, '--looks', '1']],
  ['modes', brief],
  ['crosscheck', ['--clients', '1', '--rounds', '1', '--block', '1', '--query-mode', 'extended']],
] as const)('%s trusts the certificates of --ca, on both sides', async (command, flags) => {
  asked = []
  const before = proxy.secured()
  const ended = await inferenceGapIn(
    env,
    ...[command, ...flags, '--workload', workload, '--ca', certificates.ca],
  )
  const { code, output } = ended
  expectAsked()
  expect(proxy.secured()).toBeGreaterThan(before)
  if (command === 'compare') expectMeasured(ended, await left(output))
  else if (command === 'check') expect(code, output).toBe(0)
  // The pgbench that comes with Postgres has no TLS; where another is, the machine decides whether a premise holds.
  else if (command === 'crosscheck' && code !== 0)
    expect(output).toMatch(/there is none on the path|a premise is broken/)
  else expect([0, 3], output).toContain(code)
})

test.each(['check', 'compare'])('%s refuses certificates that nobody knows', async (command) => {
  asked = []
  const asking = [command, '--workload', workload]
  // Who wants certificates checked must name some.
  const without = await inferenceGapIn(env, ...asking)
  expect(without.output).toContain('names no certificates to check with')
  expect(without.code, without.output).toBe(2)
  const strange = await inferenceGapIn({ ...env, CA_FILE: certificates.stranger }, ...asking)
  expect(strange.output).toMatch(/table.*certificate/)
  expect(strange.code, strange.output).toBe(3)
  for (const { output } of [without, strange]) expect(output).not.toContain(token)
  expect(asked).toEqual([])
})

test('k6 alone asks each side by the certificates of CA_FILE, and by no others', async () => {
  const built = await inferenceGapIn(env, 'build', '--workload', workload)
  expect(built.code, built.output).toBe(0)
  const short = { CLIENTS: '1', DURATION: '1', PAIRS: '1', BLOCK_SECONDS: '1', WARMUP_SECONDS: '1' }
  const by = (scenario: string, ca: string) =>
    k6Run(path.join(own, `${scenario}.js`), { ...env, ...short, CA_FILE: ca })
  for (const scenario of ['table', 'api', 'compare']) {
    asked = []
    const before = proxy.secured()
    const trusting = await by(scenario, certificates.ca)
    expect(trusting.code, trusting.output).toBe(0)
    if (scenario !== 'table') expectAsked()
    if (scenario !== 'api') expect(proxy.secured()).toBeGreaterThan(before)
    asked = []
    const other = await by(scenario, certificates.stranger)
    expect(other.output).toContain('certificate')
    expect(asked).toEqual([])
  }
})
