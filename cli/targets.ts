/** The targets that a command works on: the embedded ones, set up and started, or those whose addresses were given. */
import { locked } from '../build/lock.ts'
import type { Key } from '../datasets/flights.ts'
import { keysFile, readKeys } from '../datasets/prepared.ts'
import { type HttpAddress, httpAddress } from '../targets/address/http.ts'
import { type PostgresAddress, postgresAddress } from '../targets/address/postgres.ts'
import { refuseTaken } from '../targets/port.ts'
import { Stack } from '../targets/stack.ts'
import { show } from './progress.ts'
import { buildSteps, setupSteps } from './setup.ts'

export interface GivenTargets {
  /** Ports of the embedded targets; default: free ones. */
  postgresPort?: number
  pythonPort?: number
  /** Targets that run already; both or none. */
  postgresUrl?: PostgresAddress
  pythonUrl?: HttpAddress
  /** Goes with them. */
  keys?: string
  /** How the service reads and writes bodies. */
  serializer?: 'json' | 'orjson' | 'msgpack'
  /** PgBouncer before the embedded Postgres. */
  pgbouncer?: boolean
}

export interface Addresses {
  postgresUrl: PostgresAddress
  /** PgBouncer's, where load goes through it. */
  pgbouncerUrl?: PostgresAddress
  pythonUrl: HttpAddress
  keysFile: string
}

export interface Targets {
  /** As they are now: a restart may change them. */
  addresses(): Addresses
  /** All that can be asked for. */
  keys(): Promise<Key[]>
  /** Absent where the targets are someone else's. */
  restart?: () => Promise<void>
  /** Of the embedded targets; nothing is started in it where addresses were given. */
  stack: Stack
}

/** Whatever was started has ended when this returns, however it returns. */
export async function withTargets<T>(
  given: GivenTargets,
  signal: AbortSignal,
  work: (targets: Targets) => Promise<T>,
): Promise<T> {
  // What the user wrote is looked at before anything is built or started.
  const ownKeys = given.keys === undefined ? undefined : await readKeys(given.keys)
  await refuseTaken({ '--postgres-port': given.postgresPort, '--python-port': given.pythonPort })
  return locked(async () => {
    const stack = new Stack({
      signal,
      postgresPort: given.postgresPort,
      pythonPort: given.pythonPort,
      serializer: given.serializer,
      pgbouncer: given.pgbouncer,
    })
    try {
      const own = given.postgresUrl === undefined
      await show(own ? [...setupSteps(signal), ...stack.allSteps] : buildSteps(signal))
      return await work({
        addresses: () => ({
          postgresUrl: given.postgresUrl ?? postgresAddress(stack.postgres?.url as string),
          ...(stack.pgbouncer && { pgbouncerUrl: postgresAddress(stack.pgbouncer.url) }),
          pythonUrl: given.pythonUrl ?? httpAddress(stack.service?.url as string),
          keysFile: given.keys ?? keysFile,
        }),
        keys: async () => ownKeys ?? (await readKeys()),
        ...(own && { restart: () => stack.restart() }),
        stack,
      })
    } finally {
      await stack.stop()
    }
  })
}
