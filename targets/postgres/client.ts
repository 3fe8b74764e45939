/** A connection of our own to a Postgres, whoever runs it: with a limit for its answers, and an end when the run is ended. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type ClientConfig, DatabaseError } from 'pg'
import { isConnectionLost, nextStepFor } from '../../build/causes.ts'
import { CouldNotMeasure, messageOf } from '../../build/failure.ts'
import { patience } from '../../build/patience.ts'
import { type Attempt, forNodePostgres } from '../address/clients.ts'
import { type PostgresAddress, type PostgresHost, postgresAddress } from '../address/postgres.ts'

export interface ClientOptions {
  /** Most seconds for one query; absent: as long as it takes. */
  limit?: number
  signal?: AbortSignal | undefined
}

/**
 * What node-postgres takes from variables is in the address where the user means it; our own servers are none of theirs.
 * It looks at them while it is made, and at no other time.
 */
function clientWithoutVariables(config: ClientConfig): Client {
  const theirs = Object.entries(process.env).filter(([name]) => name.startsWith('PG'))
  for (const [name] of theirs) delete process.env[name]
  try {
    return new Client(config)
  } finally {
    for (const [name, value] of theirs) process.env[name] = value
  }
}

/** A server that is asked and does not answer would keep `end` waiting. */
export async function closeClient(client: Client): Promise<void> {
  const ended = client.end().catch(() => {})
  await Promise.race([ended, sleep(1000, undefined, { ref: false })])
  destroy(client)
}

/** The socket, of which the types of node-postgres tell nothing. */
const socketOf = (client: Client) =>
  (client as unknown as { connection: { stream: Socket & { encrypted?: boolean } } }).connection.stream

const destroy = (client: Client) => socketOf(client).destroy()

/** Whether the server is spoken to by TLS. */
export const isEncrypted = (client: Client): boolean => socketOf(client).encrypted === true

/** Seconds in which a connection must be there: as the address says, and never longer than for any answer. */
const connectingMay = (address: PostgresAddress) =>
  Math.min(Number(address.get('connect_timeout')) || patience, patience)

/** What a server must be for target_session_attrs; undefined: anything. */
async function isWanted(client: Client, address: PostgresAddress): Promise<boolean> {
  const wanted = address.get('target_session_attrs') ?? 'any'
  if (wanted === 'any' || wanted === 'prefer-standby') return true
  const { rows } = await client.query<{ standby: boolean; readonly: string }>(
    "SELECT pg_is_in_recovery() AS standby, current_setting('transaction_read_only') AS readonly",
  )
  const { standby = false, readonly = 'off' } = rows[0] ?? {}
  const isReadOnly = standby || readonly === 'on'
  return { primary: !standby, standby, 'read-only': isReadOnly, 'read-write': !isReadOnly }[wanted] ?? true
}

async function attempt(
  { config }: Attempt,
  address: PostgresAddress,
  { limit, signal }: ClientOptions,
): Promise<Client> {
  signal?.throwIfAborted()
  const client = clientWithoutVariables({
    ...config,
    connectionTimeoutMillis: connectingMay(address) * 1000,
    ...(limit !== undefined && { query_timeout: limit * 1000 }),
  })
  client.on('error', () => {}) // a lost connection is reported by the query it breaks
  const abort = () => destroy(client)
  signal?.addEventListener('abort', abort, { once: true })
  client.once('end', () => signal?.removeEventListener('abort', abort))
  try {
    await client.connect()
    if (await isWanted(client, address)) return client
    throw new Error(`the server is not ${address.get('target_session_attrs')}`)
  } catch (error) {
    await closeClient(client)
    signal?.throwIfAborted()
    throw error
  }
}

/** Another way or server would say the same: the server has looked at who asks. */
const isFinal = (error: unknown) =>
  error instanceof DatabaseError && ['28P01', '3D000', '42501'].includes(error.code ?? '')

/** node-postgres says a limit in words that name neither the server nor the limit. */
const connectingTooLong = 'timeout expired'
const askingTooLong = 'Query read timeout'

function explained(error: unknown, address: PostgresAddress, { limit }: ClientOptions): unknown {
  const seconds = { [connectingTooLong]: connectingMay(address), [askingTooLong]: limit }[messageOf(error)]
  return seconds === undefined
    ? error
    : new CouldNotMeasure(`Postgres at ${address} gave no answer within ${seconds} s`)
}

/** Whoever opens it closes it. @throws {CouldNotMeasure} where the server is silent, else what node-postgres says */
export async function openClient(address: PostgresAddress, options: ClientOptions = {}): Promise<Client> {
  let last: unknown
  let silent: PostgresHost | undefined
  for (const one of forNodePostgres(address)) {
    if (one.host === silent) continue
    try {
      return await attempt(one, address, options)
    } catch (error) {
      options.signal?.throwIfAborted()
      last = error
      if (isFinal(error)) break
      if (messageOf(error) === connectingTooLong) silent = one.host
    }
  }
  throw explained(last, address, options)
}

/**
 * Runs `work` with a connection of its own, closed afterwards.
 * @param to as text: one of our own servers
 * @throws {CouldNotMeasure} where the server is silent, or the connection is lost in the midst of it; else what node-postgres says
 */
export async function withClient<T>(
  to: PostgresAddress | string,
  work: (client: Client) => Promise<T>,
  options: ClientOptions = {},
): Promise<T> {
  const address = typeof to === 'string' ? postgresAddress(to) : to
  const client = await openClient(address, options)
  try {
    return await work(client)
  } catch (error) {
    options.signal?.throwIfAborted()
    if (isConnectionLost(error))
      throw new CouldNotMeasure(
        `Postgres at ${address} ended the connection in the midst of it: ${messageOf(error)}`,
        nextStepFor(error, 'See in its log what ended, then run again'),
        { cause: error },
      )
    throw explained(error, address, options)
  } finally {
    await closeClient(client)
  }
}
