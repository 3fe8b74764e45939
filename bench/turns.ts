/**
 * Load generators that take turns on the same server: all are started, all but one are stopped by SIGSTOP, and after a
 * turn another goes on.
 *
 * A machine's speed moves by a quarter within seconds, so that blocks of seconds one after the other compare its weather.
 * Turns this short meet the same. Each gets what it left in the server at the end of its turn before, and leaves as much.
 */
import { readFile } from 'node:fs/promises'
import { setTimeout as wait } from 'node:timers/promises'
import { CouldNotMeasure } from '../build/failure.ts'
import { signalGroup } from '../build/processes.ts'
import { order } from '../scenarios/lib/plan.ts'
import { generator } from '../workload/draw.ts'

export interface Contestant {
  name: string
  /**
   * Starts it, in a process group of its own.
   * @param seconds for how long it may have to ask at the most, stopped or not, from its start
   * @returns once it asks with all of its clients
   */
  start(seconds: number): Promise<Asking>
}

export interface Asking {
  /** Leads its process group. */
  pid: number
  /** Whether it has ended by itself. */
  hasEnded(): boolean
  /** Since when it asks, by `performance.now()`. */
  since: number
  /** Ends it; it is stopped when this is called, and may be continued. */
  finish(): Promise<Asked>
}

export interface Asked {
  /** Right answers since then. */
  queries: number
}

export interface Share {
  tps: number
  /** Processor time of the client's process a query, in µs; absent where /proc does not tell. */
  cpu?: { user: number; system: number }
}

/** Seconds of processor time that a process and its threads have had. */
async function cpuOf(pid: number): Promise<{ user: number; system: number } | undefined> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    // The name, in parentheses, may hold spaces. User and system time are fields 14 and 15, in hundredths of a second.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { user: Number(fields[11]) / 100, system: Number(fields[12]) / 100 }
  } catch {
    return undefined
  }
}

export interface Turns {
  /** Milliseconds of a turn. */
  length: number
  /** Seconds that each gets in all. */
  seconds: number
  seed: number
  signal: AbortSignal
}

/**
 * @returns by name, what each did with its time
 * @throws {CouldNotMeasure} when one of them failed
 */
export async function takeTurns(
  contestants: Contestant[],
  { length, seconds, seed, signal }: Turns,
): Promise<Map<string, Share>> {
  const rounds = Math.max(1, Math.round((seconds * 1000) / length / 2))
  const next = generator(seed, 0, 0)
  const started: { name: string; asking: Asking; on: number; cpu: Awaited<ReturnType<typeof cpuOf>> }[] = []
  try {
    for (const [index, { name, start }] of contestants.entries()) {
      signal.throwIfAborted()
      // Turns may come late on a busy machine; those that have to start first wait for the others.
      const left =
        (contestants.length * rounds * 2 * length * 1.1) / 1000 + 20 * (contestants.length - index - 1)
      const asking = await start(left)
      started.push({ name, asking, on: 0, cpu: undefined })
      const one = started[index] as (typeof started)[number]
      one.cpu = await cpuOf(one.asking.pid)
      signalGroup(one.asking.pid, 'SIGSTOP')
      one.on = performance.now() - asking.since
    }
    for (let round = 0; round < rounds; round++) {
      for (const position of order(started.length, next)) {
        const one = started[position] as (typeof started)[number]
        signal.throwIfAborted()
        if (one.asking.hasEnded())
          throw new CouldNotMeasure(
            `${one.name} ended before its time`,
            `Its queries and what it said: ${JSON.stringify(await one.asking.finish())}`,
          )
        const began = performance.now()
        signalGroup(one.asking.pid, 'SIGCONT')
        await wait(length)
        signalGroup(one.asking.pid, 'SIGSTOP')
        one.on += performance.now() - began
      }
    }
    const shares = new Map<string, Share>()
    for (const one of started) {
      const after = await cpuOf(one.asking.pid)
      const { queries } = await one.asking.finish()
      const spent = (kind: 'user' | 'system') =>
        (((after?.[kind] as number) - (one.cpu?.[kind] as number)) / queries) * 1e6
      shares.set(one.name, {
        tps: queries / (one.on / 1000),
        ...(one.cpu && after && { cpu: { user: spent('user'), system: spent('system') } }),
      })
    }
    return shares
  } finally {
    for (const one of started) signalGroup(one.asking.pid, 'SIGKILL')
  }
}
