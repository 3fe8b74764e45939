/** What was measured, put together from the recorder's series and the meetings at the turns' ends. */
import type { RecordedSeries } from 'k6/x/recorder'
import type { Meeting } from 'k6/x/rendezvous'
import type { FailureKind, FailurePhase, MeasuredBlock, Spent, Stage, Warmup } from '../../gap/measurement.ts'
import type { ResolvedSide } from '../../workload/resolve.ts'
import { type TurnFigures, turnFigures } from './turn.ts'

export type Phase = 'warmup' | 'measure' | 'beside'

/** Names a turn's end; the parts are read again by {@link blocksOf}. */
export const turnName = (phase: Phase, clients: number, pair: number, key: string, turn: number) =>
  [phase, clients, pair, key, turn].join('/')

/** The recorder's block of a pair; all sides share the name. */
export const blockName = (phase: Phase, clients: number, pair: number) =>
  `c${clients}_p${pair}${phase === 'measure' ? '' : `_${phase}`}`

/** That of all pairs' time outside the requests that count. */
export const stageName = (phase: Spent['phase'], clients: number, stage: Stage) =>
  `${blockName(phase, clients, 0)}_${stage}`

/** Beside a block's own series: what else the open model looks at. */
export const besideBlock = (block: string, what: 'alone' | 'late') => `${block}_${what}`

/** By the last word of a series' name. */
const failurePhases: Record<string, FailurePhase> = {
  opening: 'opening',
  settling: 'opening',
  warmup: 'warmup',
  lead: 'lead',
  measure: 'measure',
  beside: 'beside',
}

/** The parts of a series' name; undefined for what only looks at requests that count elsewhere. */
export function partsOf(name: string): { clients: number; phase: FailurePhase } | undefined {
  const [clients = '', , ...more] = name.split('_')
  const phase = failurePhases[more.at(-1) ?? 'measure']
  return phase && { clients: Number(clients.slice(1)), phase }
}

/** How many of a number of clients are virtual users of this k6. */
export type UsersOf = (clients: number) => number

interface Turn {
  phase: string
  clients: number
  pair: number
  key: string
  turn: number
  meeting: Meeting
}

/** Those of all sides and phases. */
export function readTurns(meetings: Record<string, Meeting>): Turn[] {
  return Object.entries(meetings).flatMap(([name, meeting]) => {
    const [phase = '', clients, pair, key = '', turn] = name.split('/')
    // Other meetings have fewer parts: the last of theirs may be a number, and so may the name of a side.
    return turn === undefined
      ? []
      : [{ phase, clients: Number(clients), pair: Number(pair), key, turn: Number(turn), meeting }]
  })
}

/** Slope of a line through a turn's latencies, by least squares; 0 where one moment is all that there is. */
function growthOf({ meeting: { sums } }: Turn): number {
  const [, , answered = 0, due = 0, dueDue = 0, latency = 0, dueLatency = 0] = sums.slice(turnFigures)
  const spread = answered * dueDue - due * due
  return spread > 0 ? (answered * dueLatency - due * latency) / spread : 0
}

/** What only the open model knows of a block. */
function openOf(rate: number, turns: Turn[]): Pick<MeasuredBlock, 'open'> {
  const own = turns.filter(({ meeting }) => meeting.sums.length > turnFigures)
  if (own.length === 0) return {}
  const sum = (index: number) =>
    own.reduce((total, { meeting }) => total + (meeting.sums[index] as number), 0)
  const requests = sum(0)
  const weighted = own.reduce((total, turn) => total + growthOf(turn) * (turn.meeting.sums[0] as number), 0)
  return {
    open: {
      rate,
      due: requests,
      waited: sum(turnFigures),
      dropped: sum(turnFigures + 1),
      growth: requests > 0 ? weighted / requests : 0,
    },
  }
}

/**
 * Blocks in the order in which they were begun.
 * @param began in milliseconds of the clock, zero of the blocks' times
 * @param rateOf requests a second that were due of a side in a pair; 0 in the closed model
 * @param usersOf of this part, where several k6 share the numbers of clients
 */
export function blocksOf(
  sides: readonly Pick<ResolvedSide, 'key'>[],
  meetings: Record<string, Meeting>,
  recorded: RecordedSeries[],
  began: number,
  rateOf: (key: string, pair: number) => number = () => 0,
  usersOf: UsersOf = (clients) => clients,
): MeasuredBlock[] {
  const byBlock = new Map<string, Turn[]>()
  for (const turn of readTurns(meetings)) {
    const block = `${turn.key}/${blockName(turn.phase as Phase, turn.clients, turn.pair)}`
    const others = byBlock.get(block)
    if (others) others.push(turn)
    else byBlock.set(block, [turn])
  }
  const byName = new Map(recorded.map((each) => [`${each.side}/${each.block}`, each]))
  return recorded.flatMap(({ side: key, block: name, ok, failed, labels, parts }) => {
    const isKnown = sides.some((each) => each.key === key)
    const own = (byBlock.get(`${key}/${name}`) ?? []).sort((a, b) => a.turn - b.turn)
    const [first] = own
    if (!isKnown || !first || first.phase === 'warmup') return []
    const sums = own.reduce<number[]>(
      (total, { meeting }) => meeting.sums.map((each, index) => each + (total[index] ?? 0)),
      [],
    )
    const [, busyMs, undisturbed, undisturbedBusyMs, inWindow, windowMs] = sums as TurnFigures
    const users = usersOf(first.clients)
    const busy = busyMs / users
    const beside = (what: 'alone' | 'late') => {
      const found = byName.get(`${key}/${besideBlock(name, what)}`)?.ok
      return found && found.count > 0 ? { [what]: found } : {}
    }
    return [
      {
        name: `${name}_${key}`,
        key,
        phase: first.phase as 'measure' | 'beside',
        clients: first.clients,
        pair: first.pair,
        session: 1,
        windowMs: busy,
        tps: ok.count / (busy / 1000),
        ok,
        failed,
        ...beside('alone'),
        ...beside('late'),
        ...openOf(rateOf(key, first.pair), own),
        // Requests a second in fixed windows × seconds of an iteration, which Little's law says are the clients.
        concurrency:
          undisturbed > 0 ? ((inWindow * users) / windowMs) * (undisturbedBusyMs / undisturbed) : null,
        turns: own.map(({ meeting: { at, sums } }) => ({
          endMs: at - began,
          requests: sums[0] as number,
          busyMs: sums[1] as number,
        })),
        workers: labels,
        ...(parts && { hosts: parts }),
      },
    ]
  })
}

/** Everything that failed, in requests that count or elsewhere, over the pairs at each number of clients. */
export function failuresOf(recorded: RecordedSeries[]): FailureKind[] {
  const all = new Map<string, FailureKind>()
  for (const { side: key, block, failures } of recorded) {
    const parts = partsOf(block)
    if (!parts) continue
    for (const { kind, count, message } of failures) {
      const id = JSON.stringify([key, parts, kind])
      const known = all.get(id)
      if (known) known.count += count
      else all.set(id, { key, ...parts, session: 1, kind, count, message })
    }
  }
  return [...all.values()]
}

/** How long each number of clients was warmed up, and whether the rates were steady at its end. */
export function warmupsOf(
  meetings: Record<string, Meeting>,
  usersOf: UsersOf = (clients) => clients,
): Warmup[] {
  return Object.entries(meetings).flatMap(([name, { sums }]) => {
    const [phase, clients, end] = name.split('/')
    if (phase !== 'warmup' || end !== 'over') return []
    const users = usersOf(Number(clients))
    const [ms = 0, steady] = sums
    return [{ clients: Number(clients), session: 1, seconds: ms / users / 1000, steady: steady === users }]
  })
}
