/**
 * Who works when. Virtual users meet at the end of each turn, so that only one side works at a time; connections are opened
 * anew for each pair and within it.
 */
import exec from 'k6/execution'
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import { patience } from '../../build/patience.ts'
import type { Progress } from '../../gap/measurement.ts'
import { generator } from '../../workload/draw.ts'
import { roundsOf } from '../../workload/turns.ts'
import { type Phase, turnName } from './blocks.ts'
import { beside, leastTurn, open, rate, rateOf, settings, sides, startAt } from './comparison.ts'
import { type Connected, close, connect, connectAll } from './connection.ts'
import { count } from './count.ts'
import { writable } from './file.ts'
import { ownPart, ownUsers } from './part.ts'
import { order } from './plan.ts'
import { sameAnswers } from './same.ts'
import { everybody, spentPhase } from './spent.ts'
import { meetAll, spend } from './stages.ts'
import { isSteady } from './steady.ts'
import { alone, shared, type Timetable } from './timetable.ts'
import { closedTurn } from './turn.ts'
import { openTurn } from './turn-open.ts'

const progressFile = writable('PROGRESS_FILE')

/** Arrivals that no virtual user was free to send. k6's own metric of this name counts for its executors only. */
export const droppedArrivals = count('dropped_arrivals')

/** Of this part, measured turns that it began late. */
export const lateTurns = count('late_turns')
/** Share of a turn by which one is late. */
const late = 0.1

let own: Timetable | undefined
/** Of this virtual user. */
const times = (): Timetable => {
  own ??= startAt === undefined ? alone(settings.blockSeconds) : shared(startAt - clock.origin(), leastTurn)
  return own
}

/** Of the users of this part, one that tells what holds of all. */
export const isFirst = () => exec.vu.idInInstance === 1

/** Those of one turn: the same for all sides, at each one's rate. */
const arrivalsOf = (key: string, pair: number, turn: number, length: number) => ({
  rate: rateOf(key, pair),
  seed: open.arrivals === 'poisson' ? generator(settings.seed, pair, turn)() : undefined,
  part: ownPart(),
  leadMs: length * open.lead,
  patience: patience * 1000,
  dropped: () => droppedArrivals.add(),
})

/** Where several k6 share the turns: whoever is ready sooner waits. */
function waitFor(at: number, phase: Phase, clients: number, length: number): void {
  if (startAt === undefined) return
  const since = clock.now()
  if (isFirst() && phase !== 'warmup' && since > at + late * length) lateTurns.add()
  rendezvous.waitUntil(at)
  spend(everybody, spentPhase(phase), clients, 'resting', since)
}

/** One turn, and the meeting at its end. @returns the sums of that meeting, and when the next turn begins */
function takeTurn(
  client: Connected,
  phase: Phase,
  clients: number,
  pair: number,
  turn: number,
  at: number,
  length: number,
  /** Turns that the side has had in the pair: those of all sides have the same arrivals. */
  own = 0,
) {
  const { side } = client
  const { tags } = exec.vu.metrics
  tags.side = side.key
  tags.phase = phase
  tags.clients = String(clients)
  const name = turnName(phase, clients, pair, side.key, turn)
  waitFor(at, phase, clients, length)
  const figures =
    client.open && phase === 'measure'
      ? openTurn(client.open, arrivalsOf(side.key, pair, own, length), `${name}/due`, at, length)
      : closedTurn(client, at, length)
  const since = clock.now()
  const { at: free, sums } = rendezvous.meet(name, ownUsers(clients), figures)
  client.waited.recordDuration(clock.now() - since, true)
  return { at: times().ended(free, length), sums }
}

/** By number of clients: milliseconds of an answer of the slowest side, in the best of the last turns of the warm-up. */
const slowest = new Map<number, number>()
const lastTurns = 4

/** Turns of all sides until each one's rate is steady, or until the time for it is over. */
export function warmUp(clients: number): void {
  // Who works at this number for the first time has waited here, without connections: idle ones are no part of fewer clients.
  const name = `enter/${clients}`
  const isNew = exec.vu.idInTest > (settings.clients[settings.clients.indexOf(clients) - 1] ?? 0)
  if (isNew) rendezvous.meet(name, ownUsers(clients))
  else meetAll('warmup', name, clients)
  const connected = sides.map((side) => connect(side, 'warmup', clients, 0, 0))
  const length = times().warmUpTurn(clients)
  const rates = sides.map((): number[] => [])
  const rounds = generator(settings.seed, 0, clients)
  // Models are loaded, and much else happens for the first time.
  const opening = 4 * sides.length * length
  const began = times().opened(meetAll('warmup', `ready/${clients}/0`, clients).at, opening)
  let at = began
  let steady = false
  // Those who share its turns end it together, whatever each has seen.
  const mayEnd = () => steady && startAt === undefined
  for (let turn = 0; !mayEnd() && at - began < settings.warmupSeconds * 1000; )
    for (const position of order(sides.length, rounds)) {
      const { at: end, sums } = takeTurn(
        connected[position] as Connected,
        'warmup',
        clients,
        0,
        turn++,
        at,
        length,
      )
      rates[position]?.push((sums[0] as number) / (sums[1] as number))
      at = end
      steady = rates.every(isSteady)
    }
  // The same for all users, for it comes of what they had at meetings.
  slowest.set(clients, Math.max(...rates.map((own) => 1 / Math.max(...own.slice(-lastTurns)))))
  close(connected)
  recorder.retire()
  meetAll('warmup', `warmup/${clients}/over`, clients, [at - began, steady ? 1 : 0])
}

export function measurePair(clients: number, pair: number): void {
  // The same for all virtual users.
  const rounds = generator(settings.seed, pair, clients)
  const length = rate > 0 ? open.turnMs : times().turn(clients, slowest.get(clients) ?? 0)
  const working = sides.filter(({ key }) => rate === 0 || rateOf(key, pair) > 0)
  const last = roundsOf(settings.blockSeconds, length)
  // Arrivals do not wait for connections, so that there those of a pair stay.
  const life = rate > 0 ? last : times().roundsOfConnection(length)
  const opening = order(working.length, rounds).slice(working.length)
  const openingBeside = order(beside.length, rounds).slice(beside.length)
  let connected: Connected[] = []
  let connectedBeside: Connected[] = []
  let turn = 0
  let at = 0
  const done = new Map<string, { turns: number; requests: number; busyMs: number }>()
  const takeRound = (them: Connected[], phase: Phase, milliseconds: number) => {
    for (const position of order(them.length, rounds)) {
      const client = them[position] as Connected
      const before = done.get(client.side.key) ?? { turns: 0, requests: 0, busyMs: 0 }
      const { at: end, sums } = takeTurn(client, phase, clients, pair, turn++, at, milliseconds, before.turns)
      at = end
      done.set(client.side.key, {
        turns: before.turns + 1,
        requests: before.requests + (sums[0] as number),
        busyMs: before.busyMs + (sums[1] as number),
      })
    }
  }
  for (let round = 0; round < last; round++) {
    if (round % life === 0) {
      close([...connected, ...connectedBeside])
      opening.reverse()
      openingBeside.reverse()
      connected = connectAll(working, 'measure', clients, pair, round, opening)
      connectedBeside = connectAll(beside, 'beside', clients, pair, round, openingBeside)
      const same = sameAnswers([...connected, ...connectedBeside])
      const ready = meetAll('measure', `ready/${clients}/${pair}/${round}`, clients, same)
      at = times().opened(ready.at, (working.length + beside.length) * length)
    }
    takeRound(connected, 'measure', length)
    // Amid the others and on as many connections, so that they meet the same weather.
    if (round % life === Math.floor(Math.min(life, last) / 2))
      takeRound(connectedBeside, 'beside', times().besideTurn(clients))
  }
  close([...connected, ...connectedBeside])
  recorder.retire()
  if (progressFile && isFirst()) {
    const perSecond = working.map(({ key }) => {
      const { requests, busyMs } = done.get(key) ?? { requests: 0, busyMs: 1 }
      return [key, (requests * ownUsers(clients) * 1000) / busyMs]
    })
    const progress: Progress = { clients, pair, pairs: settings.pairs, tps: Object.fromEntries(perSecond) }
    recorder.save(progressFile, JSON.stringify(progress))
  }
}
