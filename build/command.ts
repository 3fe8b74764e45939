/** Runs one command to its end; its output is kept for the error and nowhere else. */
import type { Readable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'
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

/** Characters that are kept of what it says. */
const mostKept = 16e6

/** The end of what is said: of a program that says too much the memory would be full, or it would be ended for that. */
class Kept {
  readonly #parts: string[] = []
  #length = 0
  #lost = 0

  add(text: string): void {
    this.#parts.push(text)
    this.#length += text.length
    for (
      let [first = ''] = this.#parts;
      this.#length - first.length >= mostKept;
      [first = ''] = this.#parts
    ) {
      this.#parts.shift()
      this.#length -= first.length
      this.#lost += first.length
    }
  }

  /** Without its last newline. */
  get text(): string {
    const lost = this.#lost > 0 ? `… ${Math.ceil(this.#lost / 1e6)} MB before this are not kept\n` : ''
    return lost + this.#parts.join('').replace(/\r?\n$/, '')
  }
}

/** Hands on what comes as text, and once more at its end. */
function hear(stream: Readable, take: (text: string, isLast: boolean) => void): void {
  const decoder = new StringDecoder('utf8')
  stream.on('data', (bytes: Buffer) => take(decoder.write(bytes), false))
  stream.once('end', () => take(decoder.end(), true))
}

/** Line by line; the last one, too, where it ends without a newline. */
function inLines(onLine: (line: string) => void): (text: string, isLast: boolean) => void {
  let rest = ''
  return (text, isLast) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    if (isLast && rest !== '') lines.push(rest)
    for (const line of lines) onLine(line.replace(/\r$/, ''))
  }
}

/** How a command ended. */
export interface Ended {
  code: number | undefined
  /** Why there is no code, as the rest of a sentence. */
  how?: string
  stdout: string
  /** Standard output and error as they came, the end of both. */
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
    // What is to be kept of it is kept here, however much it is.
    buffer: false,
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
    for (const stream of [child.stdout, child.stderr]) stream.on('data', () => timer.refresh())
  }
  const [stdout, all] = [new Kept(), new Kept()]
  for (const [stream, ...kept] of [[child.stdout, stdout, all] as const, [child.stderr, all] as const]) {
    const tell = options.onLine && inLines(options.onLine)
    hear(stream, (text, isLast) => {
      for (const each of kept) each.add(text)
      tell?.(text, isLast)
    })
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
    stdout: stdout.text,
    all: all.text,
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
