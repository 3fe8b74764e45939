/** What was seen while something changed under load: when it took over, what latency became, how old an answer was. */
import { z } from 'zod'
import { CouldNotMeasure } from '../build/failure.ts'
import { everyKey, notOwn, type ToldStretch, width } from '../workload/changes.ts'

const count = z.int().nonnegative()

const toldSchema = z.object({
  what: z.enum(['answers', 'changes']),
  ...{ clients: count, round: count, side: z.string(), pace: count },
  log: z.array(z.int()),
  before: z.array(z.int()).optional(),
  failures: z.array(z.object({ kind: z.string(), message: z.string(), count })).optional(),
})

/** An answer, or a change: milliseconds since the stretch began. */
export interface Event {
  sentMs: number
  doneMs: number
  key: number
  state: number
}

/** One side's, under one pace of changes, for some seconds. */
export interface Stretch {
  clients: number
  round: number
  side: string
  pace: number
  answers: Event[]
  changes: Event[]
  /** Of each key, when it began. */
  before: number[]
  failures: { kind: string; message: string; count: number }[]
}

function eventsOf(log: readonly number[]): Event[] {
  const events: Event[] = []
  let over = 0
  for (let at = 0; at + width <= log.length; at += width) {
    const [pause, took, key, state] = log.slice(at, at + width) as [number, number, number, number]
    const sent = over + pause
    over = sent + took
    events.push({ sentMs: sent / 1000, doneMs: over / 1000, key, state })
  }
  return events
}

function readLine(line: string): ToldStretch {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch (cause) {
    throw new CouldNotMeasure('what k6 handed over cannot be read', "k6's log may say why", { cause })
  }
  const parsed = toldSchema.safeParse(json)
  if (!parsed.success)
    throw new CouldNotMeasure(`what k6 handed over has another form: ${z.prettifyError(parsed.error)}`)
  return parsed.data as ToldStretch
}

/** What all virtual users told, put together, in the order of clients, `sides`, paces and rounds. @throws {CouldNotMeasure} when a line is not what the scenario hands over */
export function stretchesOf(lines: readonly string[], sides: readonly string[]): Stretch[] {
  const all = new Map<string, Stretch>()
  for (const line of lines) {
    const { what, clients, round, side, pace, log, before, failures } = readLine(line)
    const id = JSON.stringify([clients, round, side, pace])
    const known: Stretch = all.get(id) ?? {
      ...{ clients, round, side, pace },
      ...{ answers: [], changes: [], before: [], failures: [] },
    }
    all.set(id, known)
    for (const event of eventsOf(log)) known[what].push(event)
    // Each writer knows the states of its own keys.
    for (const [key, state] of (before ?? []).entries()) if (state !== notOwn) known.before[key] = state
    known.failures.push(...(failures ?? []))
  }
  for (const { answers, changes } of all.values())
    for (const events of [answers, changes]) events.sort((one, other) => one.doneMs - other.doneMs)
  return [...all.values()].sort(
    (one, other) =>
      one.clients - other.clients ||
      sides.indexOf(one.side) - sides.indexOf(other.side) ||
      one.pace - other.pace ||
      one.round - other.round,
  )
}

/** How old what an answer tells was. */
export interface Age {
  /** Milliseconds since it had been replaced for certain when the answer came; 0 where it had not been. */
  atArrivalMs: number
  /** The same when it was asked for: above 0, it is from before a change that had been confirmed before the question. */
  whenAskedMs: number
}

/**
 * By the states that an answer's key went through. A change shows somewhere between its order and its confirmation, so nobody is blamed for
 * what may have been so at some moment between question and answer.
 * @returns undefined where the answer tells of what never was, or was not yet
 */
export function agesOf({ answers, changes, before }: Stretch): (Age | undefined)[] {
  const byKey = new Map<number, Event[]>()
  for (const change of changes) {
    const known = byKey.get(change.key)
    if (known) known.push(change)
    else byKey.set(change.key, [change])
  }
  const whole = byKey.get(everyKey) ?? []
  return answers.map(({ sentMs, doneMs, key, state }) => {
    const own = [...whole, ...(byKey.get(key) ?? [])]
    // The last version that it can be of: begun before the answer came.
    for (let at = own.length - 1; at >= -1; at--) {
      const version = at < 0 ? { state: before[key], sentMs: Number.NEGATIVE_INFINITY } : own[at]
      if (version?.state !== state || version.sentMs > doneMs) continue
      const replaced = own[at + 1]?.doneMs ?? Number.POSITIVE_INFINITY
      return {
        atArrivalMs: Math.max(0, doneMs - replaced),
        whenAskedMs: Math.max(0, sentMs - replaced),
      }
    }
    return undefined
  })
}

/** Milliseconds that answers took. */
export const latenciesOf = (answers: readonly Event[]): number[] =>
  answers.map(({ sentMs, doneMs }) => doneMs - sentMs)

/** What failed, a line for each kind of a side's. */
export const failuresOfChanges = (stretches: readonly Stretch[]): string[] => [
  ...new Set(
    stretches.flatMap(({ side, failures }) =>
      failures.map(({ kind, message }) => `${side}: ${kind}: ${message}`),
    ),
  ),
]
