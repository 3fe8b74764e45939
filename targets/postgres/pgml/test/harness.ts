/** What the tests of sessions share: a server of their own, connections, and one place to ask from. */
import { after } from 'node:test'
import { Client } from 'pg'
import { inCache } from '../../../../build/paths.ts'
import { type PostgresServer, startPostgres } from '../../server.ts'

/** Long tests run when PGML_LONG is set (npm run test:pgml-long); their short forms always. */
export const long = Boolean(process.env.PGML_LONG)

const home = inCache('tests', 'pgml-sessions')
let server: PostgresServer | undefined

/** Starts the server. With PGML_URL it is somebody else's, which is neither started nor stopped nor crashed here. */
export async function start(): Promise<void> {
  if (!process.env.PGML_URL) server = await startPostgres({ home, settings: ['restart_after_crash=on'] })
}

export async function stop(): Promise<void> {
  await server?.stop()
  server = undefined
}

export const url = (): string => process.env.PGML_URL ?? server?.url ?? ''

/** Whether the server is ours to restart and to crash. */
export const ours = !process.env.PGML_URL

export async function connect(settings = ''): Promise<Client> {
  const client = new Client({ connectionString: url(), ...(settings && { options: settings }) })
  client.on('error', () => {}) // a connection that is broken on purpose; the query says so
  await client.connect()
  return client
}

/** Runs `work` with a connection of its own, closed afterwards. */
export async function session<T>(work: (client: Client) => Promise<T>, settings = ''): Promise<T> {
  const client = await connect(settings)
  try {
    return await work(client)
  } finally {
    await client.end().catch(() => {})
  }
}

/**
 * Call once in each file: the server and a fresh extension before its tests, nothing of them left afterwards.
 * @returns a connection that is closed before the server is
 */
export async function freshServer(): Promise<Client> {
  await start()
  const client = await connect()
  await client.query('DROP EXTENSION IF EXISTS pgml CASCADE; CREATE EXTENSION pgml')
  after(async () => {
    await client.end().catch(() => {})
    await stop()
  })
  return client
}

export const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))
