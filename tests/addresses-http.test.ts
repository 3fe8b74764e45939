/** Forms of addresses of a service by clients, against servers that listen in each of these ways; each client must come in by the same way. */
import { chmodSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundle } from '../build/bundles.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { ask, NoAnswer } from '../targets/http.ts'
import { httpCalls, httpClient } from '../targets/python/http-client.ts'
import { type Certificates, makeCertificates } from './certificates.ts'
import { canListen, host, loopback, reserved } from './loopback.ts'
import { k6Run } from './program.ts'

let folder: string
let certificates: Certificates

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'addresses-'))
  chmodSync(folder, 0o755)
  certificates = makeCertificates(folder)
  chmodSync(certificates.key, 0o600)
})
afterAll(() => rm(folder, { recursive: true }))

const servers: http.Server[] = []
let ports: { plain: number; ipv6: number; secured: number }
let asked: { authorization: string | undefined; url: string | undefined; host: string | undefined }[] = []

async function listening(server: http.Server, host: string): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return (server.address() as AddressInfo).port
}

beforeAll(async () => {
  const answer: http.RequestListener = (request, response) => {
    const { authorization, host } = request.headers
    asked.push({ authorization, url: request.url, host })
    request.resume()
    const isMoved = request.url === '/moved'
    request.on('end', () =>
      response
        .writeHead(isMoved ? 307 : 200, {
          'content-type': 'application/json',
          ...(isMoved && { location: '/elsewhere?token=c4nary' }),
        })
        .end('[1]'),
    )
  }
  const { key, certificate } = certificates
  const tls = { key: readFileSync(key), cert: readFileSync(certificate) }
  ports = {
    plain: await listening(http.createServer(answer), '127.0.0.1'),
    ipv6: await listening(http.createServer(answer), loopback),
    secured: await listening(https.createServer(tls, answer), loopback),
  }
})
afterAll(async () => {
  for (const server of servers) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

const common = {
  method: 'POST',
  headers: { 'Content-Type': 'application/json' },
  requests: [{ body: '[1,2,3,4]' }],
  statuses: [200],
  signal: new AbortController().signal,
}
const clients: Record<string, (address: HttpAddress) => Promise<unknown>> = {
  'the parity check': async (address) => {
    const { status } = await ask(address, { method: 'POST', body: '[1]' })
    if (status !== 200) throw new Error(`HTTP ${status}`)
  },
  'one call after the other': async (address) => {
    const { failures } = await httpCalls({ ...common, address, folder, calls: 2 })
    if (failures > 0) throw new Error('HTTP')
  },
  'the client of crosscheck': async (address) => {
    const { failures } = await httpClient({
      ...common,
      address,
      folder,
      clients: 1,
      length: { seconds: 1 },
    })
    if (failures > 0) throw new Error('HTTP')
  },
  k6: async (address) => {
    const script = path.join(folder, 'one-post.js')
    await writeFile(
      script,
      `import request from 'k6/x/request'
import exec from 'k6/execution'
const service = request.open(__ENV.ADDRESS, { ca: __ENV.CA_FILE })
export default () => {
try { service.send('[1]') } catch (error) { exec.test.abort(String(error)) }
}\n`,
    )
    const { code, output } = await k6Run(script, { ADDRESS: address.whole(), CA_FILE: address.ca ?? '' })
    if (code !== 0) throw new Error(output)
  },
}

const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const forms: [string, () => string, () => (typeof asked)[number]][] = [
  [
    'a port',
    () => `http://127.0.0.1:${ports.plain}`,
    () => ({ authorization: undefined, url: '/', host: `127.0.0.1:${ports.plain}` }),
  ],
  [
    'IPv6',
    () => `http://[::1]:${ports.ipv6}/`,
    () => ({ authorization: undefined, url: '/', host: `[::1]:${ports.ipv6}` }),
  ],
  [
    'credentials with every reserved character',
    () => `http://me:${encodeURIComponent(reserved)}@127.0.0.1:${ports.plain}/a/b?c=d%20e`,
    () => ({ authorization: basic('me', reserved), url: '/a/b?c=d%20e', host: `127.0.0.1:${ports.plain}` }),
  ],
  [
    'an un-encoded @ in the password',
    () => `http://me:p@ss@127.0.0.1:${ports.plain}/`,
    () => ({ authorization: basic('me', 'p@ss'), url: '/', host: `127.0.0.1:${ports.plain}` }),
  ],
  [
    'TLS with a CA of one’s own',
    () => `https://me@${host}:${ports.secured}/p`,
    () => ({ authorization: basic('me', ''), url: '/p', host: `${host}:${ports.secured}` }),
  ],
]

test.each(
  forms
    .filter(canListen)
    .flatMap((form) => Object.keys(clients).map((client) => [form[0], client, form] as const)),
)('%s, by %s', async (_form, client, [, text, expected]) => {
  asked = []
  await clients[client]?.(httpAddress(text(), { ca: certificates.ca }))
  expect(asked.length).toBeGreaterThan(0)
  for (const one of asked) expect(one).toEqual(expected())
})

test.each(
  Object.keys(clients),
)('a service whose certificate nobody knows is refused by %s', async (client) => {
  const address = httpAddress(`https://me:c4nary@${host}:${ports.secured}/c4nary`, {
    ca: certificates.stranger,
  })
  const error = await clients[client]?.(address).then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  expect(String(error)).toMatch(/certificate/)
  expect(String(error)).not.toContain('c4nary')
})

test.each(Object.keys(clients))('a redirection is not followed by %s', async (client) => {
  asked = []
  await expect(clients[client]?.(httpAddress(`http://127.0.0.1:${ports.plain}/moved`))).rejects.toThrow()
  for (const { url } of asked) expect(url).toBe('/moved')
})

test('a scenario by hand trusts the certificates of CA_FILE, and no others', async () => {
  const keys = path.join(folder, 'keys.json')
  await writeFile(keys, '[[1,2,3,4]]')
  const env = {
    ...{ CLIENTS: '1', DURATION: '1', KEYS_FILE: keys },
    PYTHON_URL: `https://${host}:${ports.secured}`,
  }
  asked = []
  const trusting = await k6Run(bundle('python-predict'), { ...env, CA_FILE: certificates.ca })
  expect(asked.length).toBeGreaterThan(0)
  expect([0, 99], trusting.output).toContain(trusting.code)
  asked = []
  const other = await k6Run(bundle('python-predict'), { ...env, CA_FILE: certificates.stranger })
  expect(other.output).toContain('certificate')
  expect(asked).toEqual([])
})

test('who does not answer is told by kind', async () => {
  const server = http.createServer()
  const port = await listening(server, '127.0.0.1')
  await new Promise((resolve) => server.close(resolve))
  servers.pop()
  const kindOf = (text: string) =>
    ask(httpAddress(text)).then(
      () => undefined,
      (error: unknown) => (error instanceof NoAnswer ? error.kind : error),
    )
  expect(await kindOf(`http://127.0.0.1:${port}/`)).toBe('ECONNREFUSED')
  // A machine without a name server cannot tell that there is no such host.
  expect(await kindOf('http://nobody.invalid/')).toMatch(/^(no such host|name look-up)$/)
  expect(await kindOf(`https://localhost:${ports.plain}/`)).toBe('TLS not spoken')
  expect(await kindOf(`https://${host}:${ports.secured}/`)).toBe('TLS unknown authority')
  expect(await kindOf(`http://${host}:${ports.secured}/`)).toBe('connection closed')
})
