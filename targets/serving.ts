/** What serving takes of memory: both embedded targets with so many clients connected, each of which has just been answered. */
import { readFile } from 'node:fs/promises'
import { nextStepFor } from '../build/causes.ts'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { patience } from '../build/patience.ts'
import { family } from '../build/processes.ts'
import type { Key } from '../datasets/flights.ts'
import type { HttpAddress } from './address/http.ts'
import type { PostgresAddress } from './address/postgres.ts'
import { described, HttpClient } from './http.ts'
import type { Bodies } from './parity.ts'
import { closeClient, openClient } from './postgres/client.ts'
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
  address: PostgresAddress,
  keys: Key[],
  count: number,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const opening = Array.from({ length: count }, () => openClient(address, { limit: patience, signal }))
  try {
    const clients = await Promise.all(opening)
    await Promise.all(
      clients.map(async (client, index) => {
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
    await Promise.all(opening.map((one) => one.then(closeClient, () => {})))
  }
}

async function withServiceClients<T>(
  address: HttpAddress,
  bodies: Bodies,
  keys: Key[],
  count: number,
  work: () => Promise<T>,
  signal: AbortSignal,
): Promise<T> {
  const client = new HttpClient(address, count)
  const ask = async (key: Key) => {
    const headers = { 'content-type': bodies.type }
    const answer = await client.request({ method: 'POST', headers, body: bodies.of(key), signal })
    if (answer.status !== 200) throw new Error(described(answer, address))
  }
  try {
    for (let turn = 0; turn < questions; turn++)
      await Promise.all(
        Array.from({ length: count }, (_, index) =>
          ask(keys[(index * questions + turn) % keys.length] as Key),
        ),
      )
    return await work()
  } finally {
    await client.close()
  }
}

/** @throws {CouldNotMeasure} when a target does not answer */
export async function servingMemory(
  { postgres, python, store }: ServingProcesses,
  { postgresUrl, pythonUrl }: { postgresUrl: PostgresAddress; pythonUrl: HttpAddress },
  bodies: Bodies,
  keys: Key[],
  clients: number,
  signal: AbortSignal,
): Promise<ServingMemory> {
  try {
    const postgresBytes = await withPostgresClients(
      postgresUrl,
      keys,
      clients,
      () => residentBytes(postgres),
      signal,
    )
    const ofService = async () => ({
      clients,
      postgresBytes,
      pythonBytes: await residentBytes(python),
      storeBytes: await residentBytes(store),
    })
    return await withServiceClients(pythonUrl, bodies, keys, clients, ofService, signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CouldNotMeasure) throw error
    throw new CouldNotMeasure(
      `The memory of serving ${clients} clients could not be measured: ${messageOf(error)}`,
      nextStepFor(error, 'The logs of the targets stand in .cache/'),
    )
  }
}
