/**
 * HTTP as k6/x/request speaks it (extension-sql/request), so that what Node asks before and after a load is answered as the load is: Basic
 * authentication from the address, connections that are kept, no redirection followed, no proxy, the system's certificates and those
 * of the user's own.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { errors, Pool } from 'undici'
import { kindOf } from '../build/causes.ts'
import { messageOf } from '../build/failure.ts'
import { patience } from '../build/patience.ts'
import type { HttpAddress } from './address/http.ts'
import { trusted } from './address/trust.ts'

/** Bytes of a body; as k6's half bounds an answer. */
const mostAnswer = 16 * 2 ** 20

/** Both halves call themselves so, for some services look at it. */
const userAgent = 'k6'

export interface HttpRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD'
  /** Of the same service, as a link from the address; absent: the address itself. */
  path?: string
  headers?: Record<string, string>
  body?: string | Uint8Array
  signal?: AbortSignal | undefined
}

export interface HttpAnswer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: Uint8Array
}

export class NoAnswer extends Error {
  override name = 'NoAnswer'

  constructor(
    /** As k6's half would call it, see build/causes.ts. */
    readonly kind: string,
    /** The message without the address. */
    readonly reason: string,
    address: HttpAddress,
    options?: { cause?: unknown },
  ) {
    super(`${address} gave no answer: ${reason}`, options)
  }
}

/** Connections to one service; whoever makes it closes it. */
export class HttpClient {
  readonly #address: HttpAddress
  readonly #pool: Pool

  /** @param connections most at once; requests beyond them wait for one */
  constructor(address: HttpAddress, connections = 1) {
    this.#address = address
    this.#pool = new Pool(address.origin, {
      connections,
      pipelining: 1,
      maxResponseSize: mostAnswer,
      // The one limit is that of the whole request, below.
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: 600_000,
      connect: {
        timeout: patience * 1000,
        ...(address.isSecured && { secureContext: trusted(address.ca), ALPNProtocols: ['http/1.1'] }),
      },
    })
  }

  /** Whatever the status: a redirection is an answer, too. @throws {NoAnswer} */
  async request(given: HttpRequest = {}): Promise<HttpAnswer> {
    const to = given.path === undefined ? this.#address : this.#address.at(given.path)
    const limit = AbortSignal.timeout(patience * 1000)
    const { signal } = given
    signal?.throwIfAborted()
    try {
      const answer = await this.#pool.request({
        path: to.target,
        method: given.method ?? 'GET',
        headers: {
          'user-agent': userAgent,
          ...(to.authorization && { authorization: to.authorization }),
          ...given.headers,
        },
        body: given.body ?? null,
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      })
      return {
        status: answer.statusCode,
        headers: answer.headers,
        body: new Uint8Array(await answer.body.arrayBuffer()),
      }
    } catch (error) {
      signal?.throwIfAborted()
      throw limit.aborted
        ? new NoAnswer('time-out', `none that was whole within ${patience} s`, to, { cause: error })
        : silence(error, to)
    }
  }

  async close(): Promise<void> {
    await Promise.race([this.#pool.destroy(), sleep(1000, undefined, { ref: false })])
  }
}

/** One request over a connection of its own. @throws {NoAnswer} */
export async function ask(address: HttpAddress, request: HttpRequest = {}): Promise<HttpAnswer> {
  const client = new HttpClient(address)
  try {
    return await client.request(request)
  } finally {
    await client.close()
  }
}

function silence(error: unknown, to: HttpAddress): NoAnswer {
  const [first] = error instanceof AggregateError ? (error.errors as unknown[]) : [error]
  const reason =
    first instanceof errors.SocketError
      ? 'the connection broke before the answer was complete'
      : messageOf(first)
  return new NoAnswer(kindOf(error), reason, to, { cause: error })
}

/** There is an answer, and it is none to the question. */
export class WrongAnswer extends Error {
  override name = 'WrongAnswer'

  constructor(
    /** As k6's half would call it: `HTTP 302`, `not JSON`, `wrong answer`. */
    readonly kind: string,
    message: string,
  ) {
    super(message)
  }
}

const mostShown = 200

/** What an answer is where another one was wanted, in words without a secret. */
export function described({ status, headers, body }: HttpAnswer, from: HttpAddress): string {
  const { location } = headers
  if (status >= 300 && status < 400 && typeof location === 'string')
    return `HTTP ${status}, a redirection to ${shownLocation(location, from)}`
  return `HTTP ${status} ${bodyOf(body, from)}`.trimEnd()
}

/** The beginning of a body, without what is secret in the address. */
export function bodyOf(body: Uint8Array, from: HttpAddress): string {
  const text = from.withoutSecrets(new TextDecoder().decode(body))
  return text.length > mostShown ? `${text.slice(0, mostShown)}…` : text
}

/** A service that redirects repeats of an address what may be a token in it. */
function shownLocation(location: string, from: HttpAddress): string {
  if (!URL.canParse(location, from.origin)) return 'what is no address'
  const to = from.at(location)
  const path = to.target.replace(/\?.*/s, '')
  if (from.target === '/') return `${to.isSecured ? 'https' : 'http'}://${to.host}${path}`
  return `${to}${to.origin === from.origin && path === `${from.target}/` ? ' (the same with a slash at its end)' : ''}`
}
