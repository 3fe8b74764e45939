/**
 * The processes that we start. Each leads a process group of its own, so that Ctrl-C in the terminal reaches only us and we
 * end them in order; none outlives us, however we end.
 */
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** Signals a process group; one that is gone already is what was wanted. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch {}
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** Each process and its parent. */
function parents(): [pid: number, parent: number][] {
  if (process.platform !== 'linux') {
    const { stdout } = spawnSync('ps', ['-Ao', 'pid=,ppid='], { encoding: 'utf8', timeout: 1000 })
    return (stdout ?? '')
      .trim()
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  }
  const found: [number, number][] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name of the program, in brackets, may hold anything; state and parent follow it.
      found.push([Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])])
    } catch {} // ended meanwhile
  }
  return found
}

/** Numbers of a process and of all that came from it. */
export function family(pid: number): number[] {
  const children = new Map<number, number[]>()
  for (const [child, parent] of parents()) children.set(parent, [...(children.get(parent) ?? []), child])
  const found = [pid]
  for (const one of found) found.push(...(children.get(one) ?? []))
  return found
}

/** Numbers of all others. */
export function notOfFamily(pid: number): number[] {
  const own = new Set(family(pid))
  return parents().flatMap(([one]) => (own.has(one) ? [] : [one]))
}

/**
 * Ends a process and all that came from it, at once. The group alone would not do: Postgres gives each of its processes a
 * group of its own, and one that computes does not see that the server is gone.
 * @returns their numbers
 */
export function endHard(leader: number): number[] {
  signalGroup(leader, 'SIGSTOP') // who is looked for makes no more children
  const all = family(leader)
  for (const pid of [...all].reverse())
    try {
      process.kill(pid, 'SIGKILL')
    } catch {}
  signalGroup(leader, 'SIGKILL')
  return all
}

const leaders = new Set<number>()

/** From now on it does not outlive us. */
export function keepTrackOf(leader: number): void {
  leaders.add(leader)
}

/** It has ended by itself. */
export function hasEnded(leader: number): void {
  leaders.delete(leader)
}

/** Ends whatever still runs, and waits until it is gone. */
export async function endAllHard(): Promise<void> {
  const left = [...leaders].flatMap(endHard)
  for (let look = 0; look < 30 && left.some(isAlive); look++) await sleep(10)
}

process.on('exit', () => {
  for (const leader of leaders) endHard(leader)
})

/** Seconds that a process has to end in order, and that are left for it once we have been interrupted ourselves. */
export const orderly = { usual: 10, interrupted: 0.8 } as const

/**
 * Ends a process in order if it does so in time, else hard.
 * @param gone resolves when it has ended
 */
export async function endInOrder(
  leader: number,
  gone: Promise<unknown>,
  { by, within, toGroup = false }: { by: NodeJS.Signals; within: number; toGroup?: boolean },
): Promise<void> {
  if (toGroup) signalGroup(leader, by)
  else
    try {
      process.kill(leader, by)
    } catch {}
  const inTime = await Promise.race([gone.then(() => true), sleep(within * 1000, false, { ref: false })])
  if (inTime) return
  endHard(leader)
  await gone
}
