import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { type HttpAddress, httpAddress } from '../address/http.ts'

// As where no ApacheBench is installed.
const programs = vi.hoisted(() => ({ probe: (): string | undefined => undefined }))
vi.mock('../../build/probe.ts', () => ({ probe: () => programs.probe() }))

const { httpCalls, httpClient, usesApacheBench } = await import('./http-client.ts')

let server: Server
afterEach(() => new Promise((done) => server.close(done)))

/** A service that answers in its own way. */
async function serve(headers: Record<string, string>, status = 200): Promise<HttpAddress> {
  server = createServer((request, answer) => {
    request.resume()
    request.on('end', () => answer.writeHead(status, headers).end('[1]'))
  })
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  return httpAddress(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

const common = {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  requests: [{ body: '[1,2,3,4]' }],
  statuses: [200],
  folder: '',
  signal: new AbortController().signal,
}

test.each([
  ['kept', {}, 100],
  ['closed', { connection: 'close' }, 0],
])('calls over connections that are %s', async (_, headers, keptAlive) => {
  const figures = await httpCalls({
    ...common,
    address: await serve(headers as Record<string, string>),
    calls: 100,
  })
  expect(figures).toMatchObject({ keptAlive, failures: 0 })
  expect(figures.maxMs).toBeGreaterThanOrEqual(figures.p99Ms as number)
  expect(figures.p99Ms).toBeGreaterThan(0)
  // No call takes longer than all of them.
  expect(figures.maxMs).toBeLessThanOrEqual(figures.meanMs * 100)
})

test('answers other than 200 are failures', async () => {
  const { failures } = await httpCalls({ ...common, address: await serve({}, 500), calls: 10 })
  expect(failures).toBe(10)
})

test.each([
  [201, [200, 201], 0],
  [404, [200, 404], 0],
  [200, [201], 10],
])('a status of %i, where %j count as answers', async (status, statuses, expected) => {
  const address = await serve({}, status)
  expect(await httpCalls({ ...common, statuses, address, calls: 10 })).toMatchObject({ failures: expected })
  const asked = httpClient({ ...common, statuses, address, clients: 1, length: { seconds: 1 } })
  if (expected === 0) expect(await asked).toMatchObject({ failures: 0, tps: expect.any(Number) })
  else await expect(asked).rejects.toThrow(/had no right answer from http:.*: HTTP 200 [1-9]\d* times$/)
})

test('ApacheBench is asked only where what it takes for an answer is what the workload takes', async () => {
  const address = await serve({})
  const seen = vi.spyOn(programs, 'probe').mockReturnValue('')
  expect(usesApacheBench({ ...common, address })).toBe(true)
  expect(usesApacheBench({ ...common, address, statuses: [200, 404] })).toBe(false)
  seen.mockRestore()
})

test('a service that is not there is said to be', async () => {
  const address = await serve({})
  await new Promise((done) => server.close(done))
  await expect(httpCalls({ ...common, address, calls: 10 })).rejects.toThrow(
    `the service at ${address} gave no answer`,
  )
})

test("autocannon's answers are those of the seconds after its warm-up", async () => {
  const address = await serve({})
  // The first answers are wrong: they fall into the warm-up, and nobody hears of them.
  const wrong = 20
  const at: number[] = []
  server.removeAllListeners('request')
  server.on('request', (request, answer) => {
    request.resume()
    request.on('end', () => {
      at.push(performance.now())
      answer.writeHead(at.length <= wrong ? 500 : 200).end('[1]')
    })
  })
  const { tps, failures } = await httpClient({ ...common, address, clients: 2, length: { seconds: 1 } })
  expect(failures).toBe(0)
  expect(tps).toBeGreaterThan(0)
  // Of three seconds the middle one counts; on either side almost half a second more, for what the machine does between.
  const [first] = at as [number]
  expect(tps).toBeLessThanOrEqual(at.filter((each) => each > first + 600 && each < first + 2400).length)
})
