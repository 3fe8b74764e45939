/**
 * A long-running process that this program starts and must end again, whatever happens.
 *
 * Each runs in a process group of its own, so that Ctrl-C in the terminal reaches only us and we end them in order. Where
 * util-linux's `setpriv` is there, the kernel ends them too when this program is killed without a chance to do it.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { signalGroup } from '../build/command.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { shown } from '../build/paths.ts'

export interface ServerOptions {
  /** As people know it: "Postgres". */
  name: string
  /** Program and arguments. */
  command: readonly string[]
  env?: Record<string, string>
  /** Receives standard output and error; overwritten. */
  log: string
  /** Resolves to true once the server answers. */
  ready: () => Promise<boolean>
  /** The signal that ends it in order. */
  stopSignal: 'SIGTERM' | 'SIGINT'
  /** How long it may take to answer, in seconds. */
  patience?: number
  signal?: AbortSignal | undefined
}

export interface Server {
  readonly name: string
  readonly pid: number
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>
}

const canBindToParent =
  process.platform === 'linux' && spawnSync('setpriv', ['--pdeathsig', 'TERM', 'true']).status === 0

/** A command line that ends with this process even if it is killed. */
export function boundToParent(command: readonly string[], signal: string): readonly string[] {
  return canBindToParent ? ['setpriv', '--pdeathsig', signal.replace('SIG', ''), '--', ...command] : command
}

const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const { pid } of running) if (pid) signalGroup(pid, 'SIGKILL')
})

function endOfLog(log: string): string {
  try {
    const lines = readFileSync(log, 'utf8').trim().split('\n')
    return lines.slice(-15).join('\n')
  } catch {
    return ''
  }
}

/** @throws {CouldNotMeasure} with the end of its log when the server ends or does not answer in time */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { name, command, log, ready, stopSignal, patience = 60, signal } = options
  signal?.throwIfAborted()
  const [file = '', ...args] = command
  const out = openSync(log, 'w')
  const child = spawn(file, args, {
    detached: true,
    stdio: ['ignore', out, out],
    env: { ...process.env, ...options.env },
  })
  closeSync(out)
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child)
      resolve()
    })
  })
  running.add(child)
  const ended = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null

  const endInOrder = async () => {
    if (ended()) return
    child.kill(stopSignal)
    const inOrder = await Promise.race([gone.then(() => true), sleep(20_000, false, { ref: false })])
    if (!inOrder) {
      signalGroup(child.pid as number, 'SIGKILL')
      await gone
    }
  }
  let ending: Promise<void> | undefined
  const stop = () => {
    ending ??= endInOrder()
    return ending
  }

  // Whoever waits for an answer of this server must not wait for ever when the run is interrupted.
  const abort = () => void stop()
  signal?.addEventListener('abort', abort, { once: true })
  void gone.then(() => signal?.removeEventListener('abort', abort))

  const deadline = Date.now() + patience * 1000
  try {
    for (;;) {
      signal?.throwIfAborted()
      if (ended())
        throw new CouldNotMeasure(
          `${name} ended while starting${failure ? ` (${failure})` : ''}:\n${endOfLog(log)}`,
          `Its whole log is ${shown(log)}`,
        )
      if (await ready()) break
      if (Date.now() > deadline)
        throw new CouldNotMeasure(
          `${name} did not answer within ${patience} s:\n${endOfLog(log)}`,
          `Its whole log is ${shown(log)}`,
        )
      await sleep(50)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { name, pid: child.pid as number, stop }
}
