/** The most memory that a process ever had resident. */
import { readFile } from 'node:fs/promises'
import { probe } from '../build/probe.ts'

export interface PeakMemory {
  bytes: number
  /** How it was measured: the kernel's own high-water mark, or the largest of many looks. */
  method: 'VmHWM' | 'sampled'
}

async function highWaterMark(pid: number): Promise<number | undefined> {
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
