/** A virtual user's connections to the sides of a comparison, made and used a few times before they count. */
import exec from 'k6/execution'
import clock from 'k6/x/clock'
import recorder, { type Series } from 'k6/x/recorder'
import { patience } from '../../build/patience.ts'
import type { ResolvedSide } from '../../workload/resolve.ts'
import type { Answer } from '../../workload/workload.ts'
import type { Ask } from './ask.ts'
import { besideBlock, blockName, type Phase, stageName } from './blocks.ts'
import { rate, rates, settings } from './comparison.ts'
import { count } from './count.ts'
import { failed, say } from './failure.ts'
import { draw } from './keys.ts'
import { askerOf } from './request.ts'
import { connectSide, isPrepared, metricOf } from './sides.ts'
import { type SpentPhase, spentPhase } from './spent.ts'
import { spend } from './stages.ts'
import type { Client } from './turn.ts'
import type { OpenClient } from './turn-open.ts'

export const brokenPremises = count('broken_premises')
/** Connections opened in the place of lost ones, in whatever is measured. */
const replacedConnections = count('replaced_connections')
export const replacedOf = (key: string, clients: number) => replacedConnections.read(`${key}/${clients}`)

export interface Connected extends Client {
  side: ResolvedSide
  ask: Ask
  /** In the open model. */
  open?: OpenClient
  phase: SpentPhase
  clients: number
  /** Waits at its turns' ends. */
  waited: Series
  /** What was answered to its first questions, which are the same for all sides, or begin with the same keys. */
  answers: (Answer | readonly Answer[])[]
}

/** Questions of a new connection before it counts; Postgres settles on a plan after five. */
export const settling = 10

/** The keys that a client asks in a round of a pair: the same in the same order for all sides. */
const keysOf = (clients: number, pair: number, round: number) =>
  draw(settings.seed, exec.vu.idInTest, (clients * 1000 + pair) * 1000 + round)

const isSilent = ({ key, address }: ResolvedSide) =>
  // With who does not answer nothing can be compared; to wait for it again and again would take hours.
  exec.test.abort(`${key}, whose address is in ${address}, did not answer within ${patience} s`)

/** A connection that was made and used a few times; no pair's yet. */
type Opened = Pick<Connected, 'side' | 'ask' | 'answers'>

/** A new connection, used a few times so that it is made, its statement prepared and its model loaded. */
function open(side: ResolvedSide, phase: SpentPhase, clients: number, next: Client['next']): Opened {
  let stage: 'opening' | 'settling' = 'opening'
  let since = clock.now()
  const ask = connectSide(side)
  const answers: Connected['answers'] = []
  try {
    for (let turn = 1; turn <= settling; turn++) {
      answers.push(ask(next()))
      if (turn === 1) {
        since = spend(side.key, phase, clients, stage, since)
        stage = 'settling'
      }
    }
    if (isPrepared(side) && !ask.isPrepared()) {
      brokenPremises.add({ premise: 'prepared' })
      console.error(`client ${exec.vu.idInTest}: the statement is not prepared on the server`)
    }
    spend(side.key, phase, clients, stage, since)
  } catch (error) {
    const what = failed(error)
    spend(side.key, phase, clients, stage, since, what)
    say(`client ${exec.vu.idInTest} could not connect`, what)
    if (what.kind === 'time-out') isSilent(side)
  }
  return { side, ask, answers }
}

/** What a connection is asked in a pair is recorded as that pair's. */
function within(
  { side, ask, answers }: Opened,
  phase: Phase,
  clients: number,
  pair: number,
  next: Client['next'],
): Connected {
  const spent = spentPhase(phase)
  const block = blockName(phase, clients, pair)
  const series = (name: string) => recorder.series({ side: side.key, block: name, ...metricOf(side) })
  const { host } = ask
  const countedBy = host === undefined ? {} : { part: host }
  const counted = recorder.series({ side: side.key, block, ...metricOf(side), ...countedBy })
  const further = (what: 'alone' | 'late') =>
    recorder.series({ side: side.key, block: besideBlock(block, what) })
  const silent = () => isSilent(side)
  const client: Client = {
    askCounted: askerOf(ask, counted, silent),
    // One for all pairs: only what took longest is looked at.
    askLead: askerOf(ask, series(stageName(spent, clients, 'lead')), silent),
    next,
  }
  return {
    ...client,
    ...{ side, ask, answers, phase: spent, clients },
    waited: recorder.series({ side: side.key, block: stageName(spent, clients, 'waiting') }),
    ...(rate > 0 && { open: { ...client, counted, alone: further('alone'), late: further('late') } }),
  }
}

/** In a schedule of rates each pair is one rate of a side's, so that connections stay for all of them. */
const kept = rates && new Map<string, Opened>()

/** Those of a schedule are all asked the same first questions, whenever they are opened; also in the warm-up they are what is measured. */
function keep(them: Map<string, Opened>, side: ResolvedSide, clients: number): Opened {
  const known = them.get(side.key) ?? open(side, 'measure', clients, keysOf(clients, 0, 0))
  them.set(side.key, known)
  return known
}

export function connect(
  side: ResolvedSide,
  phase: Phase,
  clients: number,
  pair: number,
  round: number,
): Connected {
  const next = keysOf(clients, pair, round)
  const opened = kept ? keep(kept, side, clients) : open(side, spentPhase(phase), clients, next)
  return within(opened, phase, clients, pair, next)
}

/**
 * All sides' connections, opened in the given order: who comes first fares otherwise than who comes last, by some percent
 * at one client, so that the order is turned round from one opening to the next.
 */
export function connectAll(
  them: readonly ResolvedSide[],
  phase: Phase,
  clients: number,
  pair: number,
  round: number,
  positions: number[],
): Connected[] {
  const made: Connected[] = []
  for (const position of positions)
    made[position] = connect(them[position] as ResolvedSide, phase, clients, pair, round)
  return made
}

type Closed = Pick<Connected, 'side' | 'ask' | 'phase' | 'clients'>

function closeAll(connected: readonly Closed[]): void {
  for (const { side, ask, phase, clients } of connected) {
    const since = clock.now()
    const replaced = phase === 'measure' ? ask.replaced() : 0
    ask.close()
    spend(side.key, phase, clients, 'closing', since)
    for (let one = 1; one <= replaced; one++)
      replacedConnections.add({ side: side.key, clients: String(clients) }, `${side.key}/${clients}`)
  }
}

/** Those that are kept stay. */
export function close(connected: readonly Connected[]): void {
  if (!kept) closeAll(connected)
}

/** At the end of a schedule. */
export function closeKept(clients: number): void {
  closeAll([...(kept?.values() ?? [])].map((opened) => ({ ...opened, phase: 'measure', clients })))
  kept?.clear()
}
