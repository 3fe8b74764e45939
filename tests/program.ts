/** Runs the built programs as users do, and looks at what they leave behind. */
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { distanceBinary, inCache, k6Binary, nullServerBinary, python, root } from '../build/paths.ts'

export interface Ended {
  code: number | undefined
  /** Standard output and error as they came. */
  output: string
}

/** The command line, from another folder, as anyone may call it. */
export const inferenceGap = (...args: string[]): Promise<Ended & { stdout: string }> =>
  inferenceGapIn({}, ...args)

/** With further variables in its environment. */
export async function inferenceGapIn(
  env: Record<string, string>,
  ...args: string[]
): Promise<Ended & { stdout: string }> {
  const done = await execa('node', [path.join(root, 'cli', 'inference-gap.mjs'), ...args], {
    all: true,
    reject: false,
    stdin: 'ignore',
    cwd: '/',
    timeout: 600_000,
    env: { NO_COLOR: '1', ...env },
  })
  return { code: done.exitCode, output: String(done.all), stdout: done.stdout }
}

/** @param startedBy a program that runs k6, with its arguments */
export async function k6Run(
  scenario: string,
  env: Record<string, string>,
  args: string[] = [],
  startedBy: string[] = [],
): Promise<Ended> {
  const [program = '', ...all] = [...startedBy, k6Binary, 'run', '--quiet', '--no-color', '--address', '']
  const done = await execa(program, [...all, ...args, scenario], {
    all: true,
    reject: false,
    stdin: 'ignore',
    cwd: root,
    timeout: 600_000,
    env: { ...env, K6_NO_USAGE_REPORT: 'true' },
  })
  return { code: done.exitCode, output: String(done.all) }
}

export interface Interruption {
  /** Milliseconds from then to the signal. */
  after?: number
  /** What happens just before the signal. */
  meanwhile?: () => Promise<void>
  env?: Record<string, string>
}

/** Milliseconds that a process has waited for a processor while others had it; 0 where the system does not tell. */
function waitedMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / 1e6
  } catch {
    return 0 // ended meanwhile
  }
}

/**
 * Begins to measure how long a process takes for its end; a busy machine's part of that, in which it or whoever looks on waited for a
 * processor, is left out.
 * @returns what tells the milliseconds once it has ended
 */
function stopwatch(pid: number): () => number {
  const waited = () => waitedMs(pid) + waitedMs(process.pid)
  const [since, before] = [performance.now(), waited()]
  let most = before
  const timer = setInterval(() => {
    most = Math.max(most, waited())
  }, 10)
  return () => {
    clearInterval(timer)
    return performance.now() - since - (most - before)
  }
}

/**
 * Starts the command line, sends a signal when its output holds `at`, waits for its end.
 * @returns the milliseconds from the signal to the end, too, without those that it waited for a processor; undefined where it ended before
 */
export function interrupted(
  args: string[],
  at: string,
  signal: NodeJS.Signals,
  { after = 1500, meanwhile = async () => {}, env = {} }: Interruption = {},
): Promise<Ended & { took: number | undefined }> {
  return new Promise((resolve, reject) => {
    const child = spawn('node', [path.join(root, 'cli', 'inference-gap.mjs'), ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
      env: { ...process.env, ...env },
    })
    let output = ''
    let isSeen = false
    let ended: (() => number) | undefined
    const send = async () => {
      await sleep(after)
      await meanwhile()
      ended = stopwatch(child.pid as number)
      child.kill(signal)
    }
    const read = (part: Buffer) => {
      output += part
      if (isSeen || !output.includes(at)) return
      isSeen = true
      send().catch(reject)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', (code) => {
      const took = ended?.()
      child.once('close', () => resolve({ code: code ?? undefined, output, took }))
    })
  })
}

/** Variables of the two sides of the flights: what a stack of a test is asked for. */
export const bothSides = ['POSTGRES_URL', 'PYTHON_URL']

/** A service that answers whatever it is told to. */
export async function answeringAlways(answer: string, work: (url: string) => Promise<void>): Promise<void> {
  const server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json').end(answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

const isPostgres = (line: string) => line.includes(inCache('postgres'))
const isGunicorn = (line: string) => line.includes(`${python} -m gunicorn`)

/** Numbers of the processes of the embedded Postgres, or of the service, of this worker. */
export async function processesOf(which: 'postgres' | 'gunicorn'): Promise<number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args='])
  return stdout
    .split('\n')
    .filter(which === 'postgres' ? isPostgres : isGunicorn)
    .filter((line) => !line.includes('unshare'))
    .map((line) => Number.parseInt(line, 10))
}

const others = [
  inCache('training'),
  inCache('redis'),
  inCache('pgbouncer'),
  k6Binary,
  nullServerBinary,
  distanceBinary,
]

/** Command lines of servers and of k6 that this worker has started and that still run. */
export async function leftBehind(): Promise<string[]> {
  const { stdout } = await execa('ps', ['-eo', 'args'])
  return stdout
    .split('\n')
    .filter((line) => isPostgres(line) || isGunicorn(line) || others.some((part) => line.includes(part)))
}
