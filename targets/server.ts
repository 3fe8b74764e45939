/**
 * A long-running process that this program starts and must end again, whatever happens. Where util-linux's `setpriv` is
 * there, the kernel ends it too when this program is killed without a chance to do it.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import { answered } from '../build/answered.ts'
import { environment } from '../build/environment.ts'
import { CouldNotMeasure } from '../build/failure.ts'
import { root, shown } from '../build/paths.ts'
import { probe } from '../build/probe.ts'
import { endInOrder, hasEnded, keepTrackOf, orderly } from '../build/processes.ts'
import { freePort } from './port.ts'

export interface ServerOptions {
  /** As people know it: "the null server". */
  name: string
  /** Program and arguments. */
  command: readonly string[]
  /** Given to it, besides what every child is given. */
  env?: Record<string, string>
  /** Its standard input; absent: it has none. */
  input?: string
  /** Receives standard output and error; overwritten. */
  log: string
  /** Resolves to true once the server answers; each try has the time of any answer. */
  ready: (signal: AbortSignal) => Promise<boolean>
  /** The signal that ends it in order. */
  stopSignal: 'SIGTERM' | 'SIGINT'
  /** How long its start may take, in seconds. */
  start?: number
  signal?: AbortSignal | undefined
}

export interface Server {
  readonly name: string
  readonly pid: number
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>
}

let canBind: boolean | undefined

/** Asked when it is needed, and once. */
function canBindToParent(): boolean {
  canBind ??= process.platform === 'linux' && probe('setpriv', '--pdeathsig', 'TERM', 'true') !== undefined
  return canBind
}

/** A command line that ends with this process even if it is killed. */
export function boundToParent(command: readonly string[], signal: string): readonly string[] {
  return canBindToParent() ? ['setpriv', '--pdeathsig', signal.replace('SIG', ''), '--', ...command] : command
}

function textOf(log: string): string {
  try {
    return readFileSync(log, 'utf8')
  } catch {
    return ''
  }
}

const endOfLog = (log: string) => textOf(log).trim().split('\n').slice(-15).join('\n')

/** The server ended, because it could not have its port. */
class PortTaken extends CouldNotMeasure {
  override name = 'PortTaken'
}

/** In the words of the system, which every server of ours passes on. All speak one language (build/environment.ts). */
const portTaken = /address already in use/i

/** @throws {CouldNotMeasure} with the end of its log when the server ends or does not answer in time */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { name, command, input, log, ready, stopSignal, start = 60, signal } = options
  signal?.throwIfAborted()
  const [file = '', ...args] = command
  const out = openSync(log, 'w')
  // Not in the user's folder: Python would take modules from it.
  const child = spawn(file, args, {
    cwd: root,
    detached: true,
    stdio: [input === undefined ? 'ignore' : 'pipe', out, out],
    env: environment(options.env),
  })
  closeSync(out)
  // One that ends before it has read all says so by its exit.
  child.stdin?.on('error', () => {}).end(input)
  let failure: string | undefined
  child.once('error', (error) => {
    failure = error.message
  })
  const pid = child.pid as number
  if (pid !== undefined) keepTrackOf(pid)
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      hasEnded(pid)
      resolve()
    })
  })
  const ended = () => failure !== undefined || child.exitCode !== null || child.signalCode !== null

  const end = async (within: number) => {
    if (!ended()) await endInOrder(pid, gone, { by: stopSignal, within })
  }
  let ending: Promise<void> | undefined
  const stop = () => {
    ending ??= end(signal?.aborted ? orderly.interrupted : orderly.usual)
    return ending
  }

  // Whoever waits for an answer of this server must not wait for ever when the run is interrupted; nor must who waits for
  // its end, which may have begun before.
  const abort = () => void end(orderly.interrupted)
  signal?.addEventListener('abort', abort, { once: true })
  void gone.then(() => signal?.removeEventListener('abort', abort))

  const answers = () => answered(name, ready, { signal }).catch(() => false)
  const deadline = performance.now() + start * 1000
  try {
    for (;;) {
      signal?.throwIfAborted()
      if (ended()) {
        const Why = portTaken.test(textOf(log)) ? PortTaken : CouldNotMeasure
        throw new Why(
          `${name} ended while starting${failure ? ` (${failure})` : ''}:\n${endOfLog(log)}`,
          `Its whole log is ${shown(log)}`,
        )
      }
      if (await answers()) break
      if (performance.now() > deadline)
        throw new CouldNotMeasure(
          `${name} did not answer within ${start} s:\n${endOfLog(log)}`,
          `Its whole log is ${shown(log)}`,
        )
      await sleep(50)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { name, pid, stop }
}

/** Free ports that are tried, one after another. */
const mostPorts = 5

/**
 * A server at a port of the loopback interface. Between the choice of a free one and its start somebody else may take it:
 * any program that connects may be given it. Then another is tried.
 * @param wanted which port it must be; undefined: any
 * @throws {CouldNotMeasure} as `startServer`
 */
export async function startOnPort(
  wanted: number | undefined,
  optionsAt: (port: number) => ServerOptions | Promise<ServerOptions>,
): Promise<Server & { port: number }> {
  for (let tried = 1; ; tried++) {
    const port = wanted ?? (await freePort())
    const options = await optionsAt(port)
    try {
      return { ...(await startServer(options)), port }
    } catch (error) {
      if (!(error instanceof PortTaken)) throw error
      if (wanted !== undefined)
        throw new CouldNotMeasure(
          `${options.name} cannot have port ${port}: another program took it just before\n${endOfLog(options.log)}`,
          'End that program, or name another port; where none is named, a free one is found',
          { cause: error },
        )
      if (tried === mostPorts)
        throw new CouldNotMeasure(
          `${options.name} found no port: ${mostPorts} that were free were taken before it could have them`,
          `See what takes ports of this machine so fast; the log of the last try is ${shown(options.log)}`,
          { cause: error },
        )
    }
  }
}

/** A server that says, as JSON on its standard output, where it listens, and ends with this process. @returns it, and what it said */
export async function startTelling<Said>(
  schema: z.ZodType<Said>,
  options: Omit<ServerOptions, 'ready' | 'stopSignal'>,
): Promise<{ server: Server; said: Said }> {
  let said: Said | undefined
  const server = await startServer({
    ...options,
    command: boundToParent(options.command, 'SIGTERM'),
    stopSignal: 'SIGTERM',
    ready: async () => {
      try {
        said = schema.parse(JSON.parse(await readFile(options.log, 'utf8')))
        return true
      } catch {
        return false
      }
    },
  })
  return { server, said: said as Said }
}
