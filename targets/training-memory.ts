/** The most memory that processes ever had resident: one by the kernel's own mark, several together by looking often. */
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { probe } from '../build/probe.ts'
import { canMeasureServing, residentBytes } from './serving-memory.ts'

export interface PeakMemory {
  bytes: number
  /** How it was measured: the kernel's own high-water mark, or the largest of many looks. */
  method: 'VmHWM' | 'sampled'
}

export async function highWaterMark(pid: number): Promise<number | undefined> {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1]
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}

async function residentNow(pid: number): Promise<number> {
  return Number(probe('ps', '-o', 'rss=', '-p', String(pid)) ?? 0) * 1024
}

/** Watches a process while `work` runs. Exact on Linux; elsewhere ten looks a second. */
export async function withPeakMemory<T>(
  pid: number,
  work: () => Promise<T>,
): Promise<{ result: T; peak: PeakMemory }> {
  if ((await highWaterMark(pid)) !== undefined) {
    const result = await work()
    const bytes = await highWaterMark(pid)
    if (bytes === undefined) throw new Error(`process ${pid} ended before its peak memory was read`)
    return { result, peak: { bytes, method: 'VmHWM' } }
  }
  let most = 0
  const timer = setInterval(async () => {
    most = Math.max(most, await residentNow(pid))
  }, 100)
  try {
    const result = await work()
    return { result, peak: { bytes: Math.max(most, await residentNow(pid)), method: 'sampled' } }
  } finally {
    clearInterval(timer)
  }
}

/** Milliseconds between two looks: the kernel counts the pages of all that is resident each time. */
const betweenLooks = 250

/**
 * What a process and all that came from it have resident together while `work` runs, at most; what they share counts once.
 * Undefined where the system does not tell it.
 * @param work is handed what to call with the first process' number, as soon as there is one
 */
export async function withSampledMemory<T>(
  work: (watch: (pid: number) => void) => Promise<T>,
): Promise<{ result: T; bytes: number | undefined }> {
  let most: number | undefined
  const ended = new AbortController()
  const look = async (pid: number) => {
    while (!ended.signal.aborted) {
      const bytes = await residentBytes(pid).catch(() => 0) // ended meanwhile
      most = Math.max(most ?? 0, bytes)
      await sleep(betweenLooks, undefined, { signal: ended.signal }).catch(() => {})
    }
  }
  let looking: Promise<void> | undefined
  const end = async () => {
    ended.abort()
    await looking
  }
  try {
    const result = await work((pid) => {
      if (canMeasureServing) looking ??= look(pid)
    })
    await end()
    return { result, bytes: most || undefined }
  } finally {
    await end()
  }
}
