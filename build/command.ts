/** Runs one command of the set-up to its end; its output is kept for the error and nowhere else. */
import { execa } from 'execa'
import { Failure } from './failure.ts'
import { root } from './paths.ts'

export interface CommandOptions {
  cwd?: string
  env?: Record<string, string>
  /** Text for standard input. */
  input?: string
  /** Called with each line of output as it comes. */
  onLine?: (line: string) => void
  signal?: AbortSignal | undefined
  /** What to do when it fails, as a sentence. */
  hint?: string
}

/** Signals a process group; one that is gone already is what was wanted. */
export function signalGroup(leader: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-leader, signal)
  } catch {}
}

/**
 * @returns standard output, without its last newline
 * @throws {Failure} naming the command, its exit code and the end of what it printed
 */
export async function run(file: string, args: string[], options: CommandOptions = {}): Promise<string> {
  options.signal?.throwIfAborted()
  const child = execa(file, args, {
    cwd: options.cwd ?? root,
    ...(options.env && { env: options.env }),
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    all: true,
    reject: false,
    // A process group of its own: interrupted, the command ends with all that it started (compilers, for instance).
    detached: true,
  })
  const end = () => {
    const group = child.pid
    if (group === undefined) return
    signalGroup(group, 'SIGTERM')
    setTimeout(() => signalGroup(group, 'SIGKILL'), 5000).unref()
  }
  options.signal?.addEventListener('abort', end)
  if (options.onLine) {
    const onLine = options.onLine
    void (async () => {
      for await (const line of child.iterable({ from: 'all' })) onLine(String(line))
    })().catch(() => {}) // the failure itself is reported below
  }
  const done = await child
  options.signal?.removeEventListener('abort', end)
  if (done.failed) {
    if (options.signal?.aborted) throw options.signal.reason
    const tail = String(done.all ?? '')
      .split('\n')
      .slice(-30)
      .join('\n')
      .trim()
    const how =
      done.code === 'ENOENT'
        ? 'is not installed or not on the PATH'
        : done.signal
          ? `was ended by ${done.signal}`
          : `failed with exit code ${done.exitCode}`
    throw new Failure(`\`${[file, ...args].join(' ')}\` ${how}${tail ? `:\n${tail}` : ''}`, options.hint)
  }
  return String(done.stdout)
}
