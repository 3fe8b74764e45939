/** Runs one command to its end; its output is kept for the error and nowhere else. */
import { execa } from 'execa'
import { environment, type Passed } from './environment.ts'
import { Failure } from './failure.ts'
import { root } from './paths.ts'
import { endInOrder, hasEnded, keepTrackOf, orderly } from './processes.ts'

export interface CommandOptions {
  cwd?: string
  /** Given to it, besides what every child is given. */
  env?: Record<string, string>
  /** Of the user's variables, the kinds that it is given, too. */
  passed?: readonly Passed[]
  /** Text for standard input. */
  input?: string
  /** Called with each line of output as it comes. */
  onLine?: (line: string) => void
  /** Called with each line that it writes to the descriptors 3, 4, … */
  onDescriptors?: ((line: string) => void)[]
  /** Called with its number once it runs. */
  onStart?: (pid: number) => void
  signal?: AbortSignal | undefined
  /** Seconds after which it is ended: in all, or since it last said something. */
  limit?: number
  silence?: number
  /** What to do when it fails, as a sentence. */
  hint?: string
}

/** Milliseconds; one that is set for longer would ring at once. */
const longestTimer = 2 ** 31 - 1

/** How a command ended. */
export interface Ended {
  code: number | undefined
  /** Why there is no code, as the rest of a sentence. */
  how?: string
  stdout: string
  /** Standard output and error as they came. */
  all: string
}

/**
 * Runs it, whatever comes of it. Interrupted, it ends with all that it started (compilers, for instance).
 * @param stopSignal that ends it in order
 */
export async function ran(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
  stopSignal: NodeJS.Signals = 'SIGTERM',
): Promise<Ended> {
  const { signal, limit, silence, onDescriptors = [] } = options
  signal?.throwIfAborted()
  const child = execa(file, args, {
    cwd: options.cwd ?? root,
    env: environment(options.env, options.passed),
    extendEnv: false,
    ...(options.input !== undefined && { input: options.input }),
    stdio: [
      options.input === undefined ? 'ignore' : 'pipe',
      'pipe',
      'pipe',
      ...onDescriptors.map(() => 'pipe' as const),
    ],
    all: true,
    // What comes through them is handed on line by line, however much it is.
    buffer: Object.fromEntries(onDescriptors.map((_, index) => [`fd${index + 3}`, false])),
    reject: false,
    detached: true,
  })
  const { pid } = child
  if (pid !== undefined) {
    keepTrackOf(pid)
    options.onStart?.(pid)
  }
  const gone = child.then(() => {})
  let how: string | undefined
  const end = (within: number, why?: string) => {
    how ??= why
    if (pid !== undefined) void endInOrder(pid, gone, { by: stopSignal, within, toGroup: true })
  }
  const abort = () => end(orderly.interrupted)
  signal?.addEventListener('abort', abort, { once: true })
  const timers: NodeJS.Timeout[] = []
  if (limit !== undefined)
    timers.push(
      setTimeout(
        () => end(orderly.usual, `did not end within ${limit} s`),
        Math.min(limit * 1000, longestTimer),
      ),
    )
  if (silence !== undefined) {
    const timer = setTimeout(() => end(orderly.interrupted, `said nothing for ${silence} s`), silence * 1000)
    timers.push(timer)
    child.all?.on('data', () => timer.refresh())
  }
  if (options.onLine) {
    const onLine = options.onLine
    void (async () => {
      for await (const line of child.iterable({ from: 'all' })) onLine(String(line))
    })().catch(() => {}) // the failure itself is told by how it ended
  }
  const read = onDescriptors.map(async (onLine, index) => {
    for await (const line of child.iterable({ from: `fd${index + 3}` })) onLine(String(line))
  })
  const done = await child
  await Promise.allSettled(read)
  if (pid !== undefined) hasEnded(pid)
  signal?.removeEventListener('abort', abort)
  for (const timer of timers) clearTimeout(timer)
  signal?.throwIfAborted()
  if (done.code === 'ENOENT') how ??= 'is not installed or not on the PATH'
  else if (done.signal) how ??= `was ended by ${done.signal}`
  else if (done.exitCode === undefined) how ??= `could not be started: ${done.shortMessage}`
  return {
    code: how === undefined ? done.exitCode : undefined,
    ...(how !== undefined && { how }),
    stdout: String(done.stdout ?? ''),
    all: String(done.all ?? ''),
  }
}

/** The last lines of what a program said. */
export const endOf = (said: string, lines: number) => said.trim().split('\n').slice(-lines).join('\n').trim()

/**
 * @returns standard output, without its last newline
 * @throws {Failure} naming the command, its exit code and the end of what it printed
 */
export async function run(file: string, args: string[], options: CommandOptions = {}): Promise<string> {
  const { code, how, stdout, all } = await ran(file, args, options)
  if (code === 0) return stdout
  const tail = endOf(all, 30)
  throw new Failure(
    `\`${[file, ...args].join(' ')}\` ${how ?? `failed with exit code ${code}`}${tail ? `:\n${tail}` : ''}`,
    options.hint,
  )
}
