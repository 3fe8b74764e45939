/** ApacheBench where it is on the path, the published benchmark's client; else autocannon, which npm brings. */
import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import autocannon from 'autocannon'
import { run } from '../../build/command.ts'
import { CouldNotMeasure } from '../../build/failure.ts'
import type { Key } from '../../datasets/flights.ts'
import type { ClientFigures } from '../postgres/pgbench.ts'

export interface HttpClientOptions {
  url: string
  keys: Key[]
  clients: number
  length: { seconds: number } | { requests: number }
  folder: string
  signal: AbortSignal
}

export interface HttpClientFigures extends ClientFigures {
  client: 'ApacheBench' | 'autocannon'
  /** ApacheBench's "Keep-Alive requests": answers after which the connection stayed. */
  keptAlive?: number
  /** ApacheBench tells both in whole milliseconds. */
  p99Ms: number
  maxMs: number
}

export const hasApacheBench = () => spawnSync('ab', ['-V']).status === 0

/** ApacheBench can send one body only, so it asks for one key over and over, as the published benchmark did. */
async function apacheBench({
  url,
  keys,
  clients,
  length,
  folder,
  signal,
}: HttpClientOptions): Promise<HttpClientFigures> {
  const body = path.join(folder, 'ab.json')
  await writeFile(body, JSON.stringify(keys[0]))
  // -t sets -n to 50,000, so -n must follow it.
  const until =
    'seconds' in length ? ['-t', String(length.seconds), '-n', '10000000'] : ['-n', String(length.requests)]
  const output = await run(
    'ab',
    ['-k', '-q', '-c', String(clients), ...until, '-p', body, '-T', 'application/json', url],
    { signal },
  )
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN)
  const figures = {
    client: 'ApacheBench' as const,
    tps: number(/^Requests per second:\s+([\d.]+)/m),
    meanMs: number(/^Time per request:\s+([\d.]+) \[ms\] \(mean\)$/m),
    failures: number(/^Failed requests:\s+(\d+)/m) + (number(/^Non-2xx responses:\s+(\d+)/m) || 0),
    keptAlive: number(/^Keep-Alive requests:\s+(\d+)/m),
    p99Ms: number(/^\s+99%\s+(\d+)/m),
    maxMs: number(/^\s+100%\s+(\d+)/m),
  }
  if (!(figures.tps > 0)) throw new CouldNotMeasure(`ab reported no requests per second:\n${output}`)
  return figures
}

async function withAutocannon({
  url,
  keys,
  clients,
  length,
  signal,
}: HttpClientOptions): Promise<HttpClientFigures> {
  signal.throwIfAborted()
  const result = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = autocannon(
      {
        url,
        connections: clients,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        requests: keys.map((key) => ({ body: JSON.stringify(key) })),
        ...('seconds' in length ? { duration: length.seconds } : { amount: length.requests }),
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    )
    signal.addEventListener('abort', () => instance.stop(), { once: true })
  })
  signal.throwIfAborted()
  return {
    client: 'autocannon',
    tps: result['2xx'] / result.duration,
    meanMs: result.latency.average,
    failures: result.non2xx + result.errors,
    p99Ms: result.latency.p99,
    maxMs: result.latency.max,
  }
}

export const httpClient = (options: HttpClientOptions): Promise<HttpClientFigures> =>
  hasApacheBench() ? apacheBench(options) : withAutocannon(options)
