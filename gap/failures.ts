/** What failed in a measurement and why: failures by side and kind, the most frequent first. */
import { nextStepOf } from '../build/causes.ts'
import type { FailureKind, FailurePhase, MeasuredBlock, Measurement } from './measurement.ts'
import { sum } from './sum.ts'

/** All failures of one kind of one side. */
export interface Cause {
  key: string
  kind: string
  count: number
  /** What the first one said. */
  message: string
  /** Numbers of clients at which it was seen. */
  clients: number[]
  /** Where in the run, and how often. */
  phases: Partial<Record<FailurePhase, number>>
}

/** @param counts which failures are wanted; absent: all */
export function causesOf(
  { failures }: Pick<Measurement, 'failures'>,
  counts: (failure: FailureKind) => boolean = () => true,
): Cause[] {
  const all = new Map<string, Cause>()
  for (const failure of failures.filter(counts)) {
    const { key, kind, count, message, clients, phase } = failure
    const id = JSON.stringify([key, kind])
    const cause = all.get(id) ?? { key, kind, count: 0, message, clients: [], phases: {} }
    all.set(id, cause)
    cause.count += count
    cause.phases[phase] = (cause.phases[phase] ?? 0) + count
    if (!cause.clients.includes(clients)) cause.clients.push(clients)
  }
  return [...all.values()].sort((a, b) => b.count - a.count)
}

/** Failed requests ÷ all of some blocks; NaN where nothing was asked. */
export function failedShareOf(blocks: readonly Pick<MeasuredBlock, 'ok' | 'failed'>[]): number {
  const failed = sum(blocks.map((block) => block.failed.count))
  return failed / (failed + sum(blocks.map((block) => block.ok.count)))
}

/** Why something that was expected is not so, as far as is known. */
export interface Explanation {
  /** What it most likely comes from. */
  cause?: string | undefined
  /** What to do. */
  next?: string | undefined
}

const times = (count: number) => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`)

/** Many messages begin with what the kind has said already. */
export const messageOfCause = ({ kind, message }: Pick<Cause, 'kind' | 'message'>) =>
  message.startsWith(`${kind}: `) ? message.slice(kind.length + 2) : message

export const causeInWords = (cause: Cause) =>
  [`${cause.key}: ${cause.kind} (${times(cause.count)})`, messageOfCause(cause)].filter(Boolean).join(': ')

/** The most frequent of the causes, named, with the next step where one is known; nothing where there is none. */
export function mostLikely(causes: Cause[]): Explanation {
  const [first] = causes
  if (!first) return {}
  const all = causes.reduce((total, { count }) => total + count, 0)
  const share = causes.length === 1 ? '' : `most of ${all.toLocaleString('en')} failures: `
  return { cause: share + causeInWords(first), next: nextStepOf(first.kind) }
}
