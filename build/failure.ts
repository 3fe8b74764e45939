import { sep } from 'node:path'
import { getSystemErrorMap } from 'node:util'
import { cache, results } from './paths.ts'

/** Folders by the variable with which the user may name them. */
const named = { INFERENCE_GAP_CACHE: cache, INFERENCE_GAP_RESULTS: results }

/**
 * A failure that the user can act on: said in one message, without a stack trace.
 * Anything else that is thrown is a defect of this program and keeps its stack.
 */
export class Failure extends Error {
  override name = 'Failure'

  constructor(
    message: string,
    /** What to do next, as a sentence. */
    readonly hint?: string,
    options?: { cause?: unknown },
  ) {
    super(message, options)
  }

  /** The message with its hint, as it is printed. */
  get text(): string {
    return this.hint ? `${this.message}\n  → ${this.hint}` : this.message
  }
}

/** Something the user wrote (a flag, a variable, a file) is not acceptable: exit code 2. */
export class BadInput extends Failure {
  override name = 'BadInput'
}

/** The run could not produce a trustworthy figure (a target is down, a premise is broken): exit code 3. */
export class CouldNotMeasure extends Failure {
  override name = 'CouldNotMeasure'
}

/** The message of whatever was thrown. One of several errors has none of its own: it is theirs. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && !error.message) return error.errors.map(messageOf).join('; ')
  return error instanceof Error ? error.message : String(error)
}

/** Why the system refused, in its own words: "no space left on device". */
export function reasonOf(error: unknown): string {
  const { errno } = error as NodeJS.ErrnoException
  return (errno !== undefined && getSystemErrorMap().get(errno)?.[1]) || messageOf(error)
}

/** What a disk, a right or a limit of the system refuses anywhere is no defect of this program. */
const refusals = new Set(
  'EACCES EDQUOT EFBIG EIO EISDIR ELOOP EMFILE ENAMETOOLONG ENFILE ENOSPC ENOTDIR EPERM EROFS'.split(' '),
)

/** A failure in words, where the system refused a file; undefined where it was something else. */
export function refusalOf(error: unknown): Failure | undefined {
  if (!(error instanceof Error)) return undefined
  const { code = '', path } = error as NodeJS.ErrnoException
  if (!refusals.has(code)) return undefined
  // A folder beside it may begin with its name.
  const isBelow = (folder: string) => `${path}${sep}`.startsWith(folder + sep)
  const [variable] =
    Object.entries(named).find(([name, folder]) => process.env[name] && isBelow(folder)) ?? []
  if (variable !== undefined)
    return new BadInput(
      `${variable}: ${path}: ${reasonOf(error)}`,
      `Let ${variable} name a folder that can be written, or unset it`,
      { cause: error },
    )
  return new Failure(
    `${path ?? error.message}: ${reasonOf(error)}`,
    'Make room, or see to it that it can be read and written',
    { cause: error },
  )
}
