/** What serving takes of memory: targets of our own with so many clients connected, each of which has just been answered. */
import { readFile } from 'node:fs/promises'
import { nextStepFor } from '../build/causes.ts'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { family } from '../build/processes.ts'
import type { AnyKey } from '../workload/workload.ts'
import { type Asked, type Asker, withAsker } from './asker.ts'
import type { AskedSide } from './parity.ts'

/** A part of a side that has processes of its own. */
export interface ServingPart {
  side: string
  /** In words, as `feature store`. */
  what: string
  /** Number of its first process. */
  pid: number
}

export interface ServingMemory {
  clients: number
  /** Bytes, of all processes of a part together; what several of them share counts once (`Pss` of smaps_rollup). */
  parts: { side: string; what: string; bytes: number }[]
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

/** Connects so many clients, has each answered a few times, and keeps them while `work` runs. */
async function withClients<T>(
  { side, address }: AskedSide,
  keys: AnyKey[],
  count: number,
  asked: Asked,
  work: () => Promise<T>,
): Promise<T> {
  let leave = () => {}
  const left = new Promise<void>((resolve) => {
    leave = resolve
  })
  const clients: Promise<void>[] = []
  const ready = Array.from({ length: count }, (_, index) => {
    const ask = async (asker: Asker) => {
      for (let turn = 0; turn < questions; turn++)
        await asker.ask(keys[(index * questions + turn) % keys.length])
    }
    return new Promise<void>((resolve, reject) => {
      const client = withAsker(side, address, asked, async (asker) => {
        await ask(asker)
        resolve()
        await left
      })
      clients.push(client)
      client.catch(reject)
    })
  })
  try {
    await Promise.all(ready)
    return await work()
  } finally {
    leave()
    await Promise.allSettled(clients)
  }
}

/** @throws {CouldNotMeasure} when a side does not answer */
export async function servingMemory(
  sides: AskedSide[],
  parts: ServingPart[],
  keys: AnyKey[],
  clients: number,
  asked: Asked,
): Promise<ServingMemory> {
  const found: ServingMemory['parts'] = []
  for (const each of sides) {
    const own = parts.filter(({ side }) => side === each.side.name)
    if (own.length === 0) continue
    try {
      await withClients(each, keys, clients, asked, async () => {
        for (const { side, what, pid } of own) found.push({ side, what, bytes: await residentBytes(pid) })
      })
    } catch (error) {
      asked.signal?.throwIfAborted()
      if (error instanceof CouldNotMeasure) throw error
      throw new CouldNotMeasure(
        `The memory of serving ${clients} clients could not be measured: ${messageOf(error)}`,
        nextStepFor(error, 'The logs of the targets stand in .cache/'),
      )
    }
  }
  return { clients, parts: found }
}
