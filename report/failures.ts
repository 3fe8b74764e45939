/** What failed, in every form of the report alike: a line for each side and kind, the most frequent first. */
import { nextStepOf } from '../build/causes.ts'
import { type Cause, causesOf, messageOfCause } from '../gap/failures.ts'
import type { FailurePhase } from '../gap/measurement.ts'
import type { Premise } from '../gap/premises.ts'
import type { Run } from './run.ts'

const places: Record<FailurePhase, string> = {
  opening: 'connecting',
  warmup: 'warm-up',
  lead: 'lead of a turn',
  measure: 'measuring',
  beside: 'measuring beside',
}

/** A cause in words; `message` and `next` may be empty. */
export interface ShownFailure {
  side: string
  kind: string
  times: string
  clients: string
  where: string
  message: string
  next: string
}

/** What there is to say above them. */
export const whatFailuresAre = 'what failed while measuring is counted as failed requests, all else only here'

const shown = (cause: Cause): ShownFailure => ({
  side: cause.key,
  kind: cause.kind,
  times: cause.count.toLocaleString('en'),
  clients: cause.clients.join(', '),
  where: Object.entries(cause.phases)
    .map(([phase, count]) => `${places[phase as FailurePhase]} ${count.toLocaleString('en')}`)
    .join(', '),
  message: messageOfCause(cause),
  next: nextStepOf(cause.kind) ?? '',
})

/** What could not be found out once the load was over. */
export const missedOf = ({ missed = [] }: Pick<Run, 'missed'>) =>
  missed.map(({ what, kind, message }): ShownFailure => {
    const next = nextStepOf(kind) ?? ''
    return { side: what, kind, times: '1', clients: '', where: 'after the load', message, next }
  })

/** @param side of which they are wanted; absent: of all, and what could not be found out afterwards */
export function failuresOf({ measurement, missed }: Pick<Run, 'measurement' | 'missed'>, side?: string) {
  const found = causesOf(measurement, ({ key }) => side === undefined || key === side).map(shown)
  return side === undefined ? [...found, ...missedOf({ missed })] : found
}

/** What there is to say above what was missed alone. */
export const whatMissedIs = 'what could not be asked once the load was over'

/** Names of a failure's columns. */
export const failureHead = ['side', 'kind', 'times', 'clients', 'where', 'the first said', 'what to do']

/** One failure as a sentence for where there are no columns. */
export const failureInWords = ({ side, kind, times, clients, where, message }: ShownFailure) =>
  `${side}: ${kind} × ${times} (${clients && `clients: ${clients}; `}${where})${message && `: ${message}`}`

/** What was seen of a premise, and what most likely broke it. */
export const seenInWords = ({ seen, cause }: Premise) =>
  cause === undefined ? seen : `${seen}; most likely cause: ${cause}`
