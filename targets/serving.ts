/** What serving takes of memory: both embedded targets with so many clients connected, each of which has just been answered. */
import { readFile } from 'node:fs/promises'
import http from 'node:http'
import { Client } from 'pg'
import { CouldNotMeasure } from '../build/failure.ts'
import { family } from '../build/processes.ts'
import type { Key } from '../datasets/flights.ts'
import type { Bodies } from './parity.ts'
import { predictQuery } from './postgres/training.ts'

/** Bytes, of all processes of a server together; what several of them share counts once (`Pss` of smaps_rollup). */
export interface ServingMemory {
  clients: number
  /** Server and backends, shared buffers that they touched included. */
  postgresBytes: number
  /** Gunicorn's master and workers. */
  pythonBytes: number
  /** The feature store, which the service needs besides. */
  storeBytes: number
}

export interface ServingProcesses {
  postgres: number
  python: number
  store: number
}

/** Questions of each client: its statement is prepared, its model loaded. */
const questions = 10

/** Linux tells what a process has resident with what it shares in part; elsewhere nothing as exact is to be had. */
export const canMeasureServing = process.platform === 'linux'

/** Bytes of a process and of all that came from it. @throws {CouldNotMeasure} when there is no such process */
export async function residentBytes(pid: number): Promise<number> {
  let kilobytes = 0
  for (const one of family(pid))
    try {
      kilobytes += Number(
        /^Pss:\s+(\d+) kB$/m.exec(await readFile(`/proc/${one}/smaps_rollup`, 'utf8'))?.[1] ?? 0,
      )
    } catch {} // ended meanwhile, or a kernel thread
  if (kilobytes === 0) throw new CouldNotMeasure(`/proc tells nothing of the memory of process ${pid}`)
  return kilobytes * 1024
}

async function withPostgresClients<T>(
  url: string,
  keys: Key[],
  count: number,
  work: () => Promise<T>,
): Promise<T> {
  const clients = Array.from({ length: count }, () => new Client({ connectionString: url }))
  try {
    await Promise.all(
      clients.map(async (client, index) => {
        client.on('error', () => {}) // a lost connection is reported by the query it breaks
        await client.connect()
        for (let turn = 0; turn < questions; turn++)
          await client.query({
            name: 'predict',
            text: predictQuery,
            values: [...(keys[(index * questions + turn) % keys.length] as Key)],
          })
      }),
    )
    return await work()
  } finally {
    await Promise.all(clients.map((client) => client.end().catch(() => {})))
  }
}

async function withServiceClients<T>(
  url: string,
  bodies: Bodies,
  keys: Key[],
  count: number,
  work: () => Promise<T>,
): Promise<T> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: count })
  const ask = (key: Key) =>
    new Promise<void>((resolve, reject) => {
      const request = http.request(
        url,
        { method: 'POST', agent, headers: { 'content-type': bodies.type }, timeout: 10_000 },
        (answer) => {
          answer.resume()
          answer.once('end', () =>
            answer.statusCode === 200 ? resolve() : reject(new Error(`HTTP ${answer.statusCode}`)),
          )
        },
      )
      request.once('timeout', () => request.destroy(new Error('no answer within 10 s')))
      request.once('error', reject)
      request.end(bodies.of(key))
    })
  try {
    for (let turn = 0; turn < questions; turn++)
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          ask(keys[(index * questions + turn) % keys.length] as Key),
        ),
      )
    return await work()
  } finally {
    agent.destroy()
  }
}

/** @throws {CouldNotMeasure} when a target does not answer */
export async function servingMemory(
  { postgres, python, store }: ServingProcesses,
  { postgresUrl, pythonUrl }: { postgresUrl: string; pythonUrl: string },
  bodies: Bodies,
  keys: Key[],
  clients: number,
): Promise<ServingMemory> {
  try {
    const postgresBytes = await withPostgresClients(postgresUrl, keys, clients, () => residentBytes(postgres))
    return await withServiceClients(pythonUrl, bodies, keys, clients, async () => ({
      clients,
      postgresBytes,
      pythonBytes: await residentBytes(python),
      storeBytes: await residentBytes(store),
    }))
  } catch (error) {
    if (error instanceof CouldNotMeasure) throw error
    throw new CouldNotMeasure(
      `The memory of serving ${clients} clients could not be measured: ${(error as Error).message}`,
      'The logs of the targets stand in .cache/',
    )
  }
}
