/** Processor time of processes of our own, and of the machine, looked at again and again while something else is measured. */
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { family } from '../build/processes.ts'

/** Linux tells it in /proc; elsewhere it is not known. */
export const canMeasureProcessors = process.platform === 'linux'

/** Hundredths of a second: what Linux tells programs on every platform that Node runs on (`getconf CLK_TCK`). */
const ticksPerSecond = 100

/** Something that has processes of its own. */
export interface Watched {
  /** What it is part of, and what it is called. */
  side: string
  what: string
  /** Asked anew at each look: a program may not have begun yet. */
  processes: () => readonly number[]
}

/** A first process, and all that came from it. */
export const allOf = (pid: number | undefined): readonly number[] => (pid === undefined ? [] : family(pid))

interface Look {
  /** Milliseconds since 1970. */
  at: number
  /** Seconds of processor time so far, by the place of the watched one. */
  spent: number[]
  machine: { busy: number; stolen: number; idle: number }
}

/** The kernel's mark of its own threads, among a process' flags. */
const ofKernel = 0x00200000

/** Of programs, those included that came from them, have ended and been waited for. What the kernel does for all is no program's. */
function secondsOf(processes: readonly number[]): number {
  let ticks = 0
  for (const one of processes)
    try {
      const stat = readFileSync(`/proc/${one}/stat`, 'utf8')
      // Behind the program's name, which may hold anything: flags are field 9; utime, stime, cutime, cstime 14 to 17 (proc(5)).
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if ((Number(fields[6]) & ofKernel) !== 0) continue
      for (const field of fields.slice(11, 15)) ticks += Number(field)
    } catch {} // ended meanwhile
  return ticks / ticksPerSecond
}

/** The first line of /proc/stat: user, nice, system, idle, iowait, irq, softirq, steal. */
function machineSeconds(): Look['machine'] {
  const [, user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] = (
    readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? ''
  )
    .split(/\s+/)
    .map(Number)
  const seconds = (ticks: number) => ticks / ticksPerSecond
  return {
    busy: seconds(user + nice + system + irq + soft),
    stolen: seconds(steal),
    idle: seconds(idle + wait),
  }
}

/** What was used in a stretch of time. */
export interface Used {
  /** Processors that were busy in the mean, by the place of the watched one. */
  processors: number[]
  /** Shares of all processors' time. */
  machine: { busy: number; stolen: number }
}

const interval = 200

export class ProcessorWatch {
  readonly #looks: Look[] = []
  readonly #watched: readonly Watched[]
  readonly #ended = new AbortController()
  readonly #work: Promise<void>

  constructor(watched: readonly Watched[]) {
    this.#watched = watched
    this.#work = this.#run()
  }

  async #run(): Promise<void> {
    while (!this.#ended.signal.aborted) {
      this.#looks.push({
        at: Date.now(),
        spent: this.#watched.map(({ processes }) => secondsOf(processes())),
        machine: machineSeconds(),
      })
      await sleep(interval, undefined, { signal: this.#ended.signal }).catch(() => {})
    }
  }

  async stop(): Promise<void> {
    this.#ended.abort()
    await this.#work
  }

  /**
   * @param stretches from and to, in milliseconds since 1970
   * @returns undefined where fewer than two looks fell into any of them
   */
  within(stretches: readonly (readonly [from: number, to: number])[]): Used | undefined {
    let seconds = 0
    const spent = this.#watched.map(() => 0)
    const machine = { busy: 0, stolen: 0, all: 0 }
    for (const [from, to] of stretches) {
      const inside = this.#looks.filter(({ at }) => at >= from && at <= to)
      const [first, last] = [inside[0], inside.at(-1)]
      if (!first || !last || first === last) continue
      seconds += (last.at - first.at) / 1000
      for (const [index, value] of last.spent.entries())
        spent[index] = (spent[index] ?? 0) + Math.max(0, value - (first.spent[index] ?? 0))
      const [before, after] = [first.machine, last.machine]
      const [busy, stolen, idle] = [
        after.busy - before.busy,
        after.stolen - before.stolen,
        after.idle - before.idle,
      ]
      machine.busy += busy
      machine.stolen += stolen
      // Of the same differences: no share is above 1 for a rounding.
      machine.all += busy + stolen + idle
    }
    if (seconds === 0 || machine.all === 0) return undefined
    return {
      processors: spent.map((value) => value / seconds),
      machine: { busy: machine.busy / machine.all, stolen: machine.stolen / machine.all },
    }
  }
}

/** The first process below ours that runs a program; absent: none does. */
export function runningProgram(file: string): number | undefined {
  for (const pid of family(process.pid))
    try {
      if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0] === file) return pid
    } catch {} // ended meanwhile
  return undefined
}
