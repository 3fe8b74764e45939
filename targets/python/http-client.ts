/**
 * ApacheBench where it is on the path, the published benchmark's client; else autocannon, which npm brings, or for calls one
 * after the other Node's own client.
 *
 * ApacheBench takes an address and its credentials from its command line only, which every user of the machine can read, and looks at
 * no certificate: it is not given an address that holds more than a host and a port.
 */
import { writeFile } from 'node:fs/promises'
import http from 'node:http'
import https from 'node:https'
import path from 'node:path'
import type { TLSSocket, TLSSocketOptions } from 'node:tls'
import type autocannon from 'autocannon'
import { CouldNotMeasure, messageOf } from '../../build/failure.ts'
import { patience } from '../../build/patience.ts'
import { probe } from '../../build/probe.ts'
import type { Sent } from '../../workload/http.ts'
import { joined } from '../../workload/http.ts'
import type { HttpAddress } from '../address/http.ts'
import { trusted } from '../address/trust.ts'
import { runClient } from '../client-program.ts'
import type { Answers, ClientFigures } from '../postgres/pgbench.ts'

export interface HttpClientOptions {
  address: HttpAddress
  method: string
  /** Of each request, besides what the address says. */
  headers: Record<string, string>
  requests: readonly Sent[]
  /** Those that count as answers. */
  statuses: readonly number[]
  clients: number
  length: { seconds: number }
  folder: string
  signal: AbortSignal
}

export interface HttpCallsOptions extends Omit<HttpClientOptions, 'clients' | 'length'> {
  calls: number
}

export interface HttpClientFigures extends ClientFigures {
  /** Answers after which the connection stayed, as ApacheBench's "Keep-Alive requests" are. */
  keptAlive: number
  /** ApacheBench tells both in whole milliseconds. */
  p99Ms: number
  maxMs: number
}

const hasApacheBench = () => probe('ab', '-V') !== undefined

type Asked = Pick<HttpClientOptions, 'address' | 'method' | 'headers' | 'statuses'>

/**
 * Where it is there, sends what it can send, and address and headers may be read by everybody. It takes every 2xx for an
 * answer, and nothing else.
 */
export const usesApacheBench = ({ address, method, headers, statuses }: Asked) =>
  statuses.every((status) => status === 200) &&
  address.isPlain &&
  !address.isSecured &&
  method === 'POST' &&
  Object.keys(headers).every((name) => name.toLowerCase() === 'content-type') &&
  hasApacheBench()

const whole = (address: HttpAddress, sent: Sent | undefined) =>
  new URL(joined(address.origin + address.target, sent?.path))

const headersOf = (address: HttpAddress, headers: Record<string, string>): Record<string, string> => ({
  host: address.host,
  ...headers,
  ...(address.authorization && { authorization: address.authorization }),
})

/** As both Node's client and autocannon take it. */
const bodyOf = ({ body }: Sent): string | Buffer =>
  body instanceof ArrayBuffer ? Buffer.from(body) : (body ?? '')

/** ApacheBench can send one body only, so it asks for one key over and over, as the published benchmark did. */
async function apacheBench({
  address,
  headers,
  requests: [first],
  clients,
  length,
  folder,
  signal,
}: Omit<HttpClientOptions, 'length'> & {
  length: { seconds: number } | { requests: number }
}): Promise<HttpClientFigures> {
  const body = path.join(folder, 'ab.json')
  await writeFile(body, bodyOf(first ?? {}))
  // -t sets -n to 50,000, so -n must follow it.
  const until =
    'seconds' in length ? ['-t', String(length.seconds), '-n', '10000000'] : ['-n', String(length.requests)]
  const output = await runClient(
    'ab',
    [
      '-k',
      '-q',
      '-s',
      String(patience),
      '-c',
      String(clients),
      ...until,
      '-p',
      body,
      '-T',
      Object.values(headers)[0] ?? '',
      whole(address, first).href,
    ],
    { signal },
  )
  const number = (pattern: RegExp) => Number(pattern.exec(output)?.[1] ?? Number.NaN)
  const figures = {
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

/** Seconds in which autocannon makes its connections and its requests, and Node compiles it. */
const autocannonWarmup = 1

/** A connection of autocannon's, of which its types tell nothing. */
interface Connection {
  opts: { tlsOptions: TLSSocketOptions }
  conn: Partial<TLSSocket>
}

const connectionOf = (client: autocannon.Client) => client as unknown as Connection

/** It copies all options that it is given, which a context of TLS does not survive. */
function secure(client: autocannon.Client, address: HttpAddress): void {
  if (address.isSecured) connectionOf(client).opts.tlsOptions.secureContext = trusted(address.ca)
}

/** It takes every certificate, but Node has looked at it all the same. Undefined where it is trusted, or there is none. */
const distrustOf = (client: autocannon.Client): string | undefined => {
  const { authorized, authorizationError } = connectionOf(client).conn
  return authorized === false ? String(authorizationError) : undefined
}

/** Its own figures count from before its connections are made, so that answers are counted here. */
async function withAutocannon({
  address,
  method,
  headers,
  requests,
  statuses,
  clients,
  length: { seconds },
  signal,
}: HttpClientOptions): Promise<Answers> {
  // Read only where it is used: it brings many files.
  const { default: load } = await import('autocannon')
  signal.throwIfAborted()
  let right = 0
  /** How often each other status was seen. */
  const wrong = new Map<number, number>()
  let distrust: string | undefined
  const { errors } = await new Promise<autocannon.Result>((resolve, reject) => {
    const instance = load(
      {
        url: address.origin,
        connections: clients,
        timeout: patience,
        method: method as 'POST',
        headers: headersOf(address, headers),
        setupClient: (client) => secure(client, address),
        requests: requests.map((sent) => {
          const { pathname, search } = whole(address, sent)
          return { path: pathname + search, ...(sent.body !== undefined && { body: bodyOf(sent) }) }
        }),
        duration: Math.ceil(autocannonWarmup + seconds + 1),
      },
      (error, done) => (error ? reject(error) : resolve(done)),
    )
    let from = Number.POSITIVE_INFINITY
    instance.on('start', () => {
      from = performance.now() + autocannonWarmup * 1000
    })
    instance.on('response', (client, status) => {
      distrust ??= distrustOf(client)
      if (distrust) instance.stop()
      const now = performance.now()
      if (now < from || now >= from + seconds * 1000) return
      if (statuses.includes(status)) right++
      else wrong.set(status, (wrong.get(status) ?? 0) + 1)
    })
    signal.addEventListener('abort', () => instance.stop(), { once: true })
  })
  signal.throwIfAborted()
  if (distrust)
    throw new CouldNotMeasure(
      `the service at ${address} has a certificate that is not trusted: ${distrust}`,
      '--ca FILE adds certificates of your own',
    )
  if (right === 0) {
    const seen = [...wrong].map(([status, count]) => `HTTP ${status} ${count} times`)
    if (errors > 0) seen.push(`${errors} connections or answers were lost`)
    throw new CouldNotMeasure(
      `autocannon had no right answer from ${address}${seen.length > 0 ? `: ${seen.join(', ')}` : ''}`,
    )
  }
  return { tps: right / seconds, failures: [...wrong.values()].reduce((all, one) => all + one, errors) }
}

/** One call after the other for the first key; a connection is kept where the service keeps it. */
async function oneByOne({
  address,
  method,
  headers: own,
  requests: [first = {}],
  statuses,
  calls,
  signal,
}: HttpCallsOptions): Promise<HttpClientFigures> {
  const settings = { keepAlive: true, maxSockets: 1 }
  const { request } = address.isSecured ? https : http
  const agent = address.isSecured
    ? new https.Agent({ ...settings, secureContext: trusted(address.ca) })
    : new http.Agent(settings)
  const body = bodyOf(first)
  const headers = { ...headersOf(address, own), 'content-length': Buffer.byteLength(body) }
  const call = () =>
    new Promise<{ isRight: boolean; isAgain: boolean; isToStay: boolean }>((resolve, reject) => {
      const sent = request(
        whole(address, first),
        { agent, method, headers, signal, timeout: patience * 1000 },
        (answer) => {
          answer.resume()
          answer.on('error', reject)
          answer.on('end', () =>
            resolve({
              isRight: statuses.includes(answer.statusCode ?? 0),
              isAgain: sent.reusedSocket,
              isToStay: answer.headers.connection !== 'close',
            }),
          )
        },
      )
      sent.on('timeout', () => sent.destroy(new Error(`none within ${patience} s`)))
      sent.on('error', reject)
      sent.end(body)
    })
  const latencies: number[] = []
  let [failures, keptAlive] = [0, 0]
  const began = performance.now()
  try {
    for (let left = calls; left > 0; left--) {
      const startedAt = performance.now()
      const { isRight, isAgain, isToStay } = await call()
      latencies.push(performance.now() - startedAt)
      if (!isRight) failures++
      // It stayed after the answer before; of the last one only the service's word is known.
      if (isAgain) keptAlive++
      if (left === 1 && isToStay) keptAlive++
    }
  } catch (cause) {
    signal.throwIfAborted()
    throw new CouldNotMeasure(`the service at ${address} gave no answer: ${messageOf(cause)}`, undefined, {
      cause,
    })
  } finally {
    agent.destroy()
  }
  const meanMs = (performance.now() - began) / calls
  latencies.sort((a, b) => a - b)
  return {
    tps: 1000 / meanMs,
    meanMs,
    failures,
    keptAlive,
    p99Ms: latencies[Math.ceil(calls * 0.99) - 1] as number,
    maxMs: latencies.at(-1) as number,
  }
}

/** For so many seconds. */
export const httpClient = (options: HttpClientOptions): Promise<Answers> =>
  usesApacheBench(options) ? apacheBench(options) : withAutocannon(options)

export const callsClient = (asked: Asked) =>
  usesApacheBench(asked) ? 'ApacheBench' : "Node's own client, a heavier one, for there is no ab on the path"

/**
 * So many calls by one client. Not by autocannon: of answers after which the service closes the connection it counts half, and
 * its latency of them is another thing (8.0.0).
 */
export const httpCalls = (options: HttpCallsOptions): Promise<HttpClientFigures> =>
  usesApacheBench(options)
    ? apacheBench({ ...options, clients: 1, length: { requests: options.calls } })
    : oneByOne(options)
