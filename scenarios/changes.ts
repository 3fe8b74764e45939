/**
 * What changes while it is asked, which a steady state hides: in each round, side by side, all virtual users ask for some seconds, and others
 * have changes made by whoever started this (CHANGES_URL), at the moments that a pace says. Each answer is told with its times, and
 * with which of the two that are known for its key it is (ANSWERS_FILE): that of before a change, or that of after it.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import request from 'k6/x/request'
import { patience } from '../build/patience.ts'
import { isSame } from '../workload/answers.ts'
import { everyKey, mostWriters, neither, notOwn, type Pace, type ToldStretch } from '../workload/changes.ts'
import { generator } from '../workload/draw.ts'
import type { ResolvedSide } from '../workload/resolve.ts'
import type { Answer } from '../workload/workload.ts'
import { settings, sides } from './lib/comparison.ts'
import { settling } from './lib/connection.ts'
import { failed } from './lib/failure.ts'
import { readJson, writable } from './lib/file.ts'
import { draw, keyCount } from './lib/keys.ts'
import { paces } from './lib/paces.ts'
import { order } from './lib/plan.ts'
import { text, url, wholeNumber } from './lib/settings.ts'
import { connectSide } from './lib/sides.ts'
import { asked } from './lib/workload.ts'

const rounds = wholeNumber('ROUNDS', 10)
const summaryFile = writable('SUMMARY_FILE')
const changesUrl = url('CHANGES_URL', ['http://'])
const allPaces = paces()
/** By state, then by position of the key. */
const known = readJson('ANSWERS_FILE', text('ANSWERS_FILE', 'answers.json')) as Answer[][]
const compare = asked.compare === false ? 'equal' : asked.compare
/** Who has changes made comes after all who ask. */
const firstWriter = Math.max(...settings.clients) + 1
/** One alone has everything changed at once. Else each has keys of its own, of which no other changes the state. */
const writers = allPaces.every((pace) => 'perSecond' in pace) ? Math.min(mostWriters, keyCount) : 1
const length = settings.blockSeconds * 1000

export const options: Options = {
  scenarios: {
    changes: {
      executor: 'per-vu-iterations',
      vus: firstWriter + writers - 1,
      iterations: 1,
      maxDuration: '24h',
      gracefulStop: '2s',
    },
  },
  systemTags: ['scenario'],
}

/** A part of a round. */
interface Asked {
  user: number
  side: ResolvedSide
  clients: number
  round: number
  pace: number
}

/** Whole microseconds. */
const micro = (ms: number) => Math.round(ms * 1000)

function tell(
  { side, clients, round, pace }: Asked,
  more: Pick<ToldStretch, 'what' | 'log'> & Partial<ToldStretch>,
) {
  const told: ToldStretch = { clients, round, side: side.key, pace, ...more }
  if (summaryFile) recorder.save(summaryFile, JSON.stringify(told))
}

const nameOf = ({ side, clients, round, pace }: Asked) => [clients, round, side.key, pace].join('/')

function stateOf(answer: Answer, key: number): number {
  const state = known.findIndex((answers) => isSame(answer, answers[key] as Answer, compare))
  return state < 0 ? neither : state
}

function ask(part: Asked, next: () => number): void {
  const { side, clients } = part
  const users = clients + writers
  const connection = connectSide(side)
  const log: number[] = []
  const failures = new Map<string, { kind: string; message: string; count: number }>()
  const fail = (error: unknown) => {
    const what = failed(error)
    const before = failures.get(what.kind)
    if (before) before.count++
    else failures.set(what.kind, { ...what, count: 1 })
  }
  for (let turn = 0; turn < settling; turn++)
    try {
      connection(next())
    } catch (error) {
      fail(error)
    }
  const { at: began } = rendezvous.meet(`ready/${nameOf(part)}`, users)
  let over = 0
  // After a failure the pause before the next answer is longer by it.
  while (clock.now() < began + length) {
    const key = next()
    const sent = micro(clock.now() - began)
    try {
      const answer = connection(key) as Answer
      const done = micro(clock.now() - began)
      log.push(sent - over, done - sent, key, stateOf(answer, key))
      over = done
    } catch (error) {
      fail(error)
    }
  }
  rendezvous.meet(`over/${nameOf(part)}`, users)
  connection.close()
  tell(part, { what: 'answers', log, failures: [...failures.values()] })
}

/** States of a writer's own keys behind each address. */
const states = new Map<string, number[]>()

const isOwn = (key: number, writer: number) => key % writers === writer

/** One of a writer's own keys in the place of any. */
function ownKey(key: number, writer: number): number {
  const own = key - (key % writers) + writer
  return own < keyCount ? own : own - writers
}

/** When each change is due, in milliseconds from the beginning. */
const due = (pace: Pace, index: number) =>
  'once' in pace
    ? index === 0
      ? pace.once * length
      : Number.POSITIVE_INFINITY
    : ((index + 0.5) / pace.perSecond) * 1000

function change(part: Asked, next: () => number): void {
  const { side, clients, user } = part
  const users = clients + writers
  const writer = user - firstWriter
  const pace = allPaces[part.pace] as Pace
  const now =
    states.get(side.address) ??
    Array.from({ length: keyCount }, (_, key) => (isOwn(key, writer) ? 0 : notOwn))
  states.set(side.address, now)
  const before = [...now]
  const log: number[] = []
  const service = request.open(changesUrl, { timeout: `${patience}s`, answer: 'text' })
  const { at: began } = rendezvous.meet(`ready/${nameOf(part)}`, users)
  let over = 0
  // Changes are due in turn: one of this writer, then one of each other.
  for (let index = writer; due(pace, index) < length && clock.now() < began + length; index += writers) {
    rendezvous.waitUntil(began + due(pace, index))
    const key = 'once' in pace ? everyKey : ownKey(next(), writer)
    const state = 1 - (now[Math.max(0, key)] as number)
    const sent = micro(clock.now() - began)
    service.send(JSON.stringify({ address: side.address, key, state }))
    const done = micro(clock.now() - began)
    log.push(sent - over, done - sent, key, state)
    over = done
    if (key === everyKey) now.fill(state)
    else now[key] = state
  }
  rendezvous.meet(`over/${nameOf(part)}`, users)
  service.close()
  tell(part, { what: 'changes', log, before })
}

export default function () {
  const user = exec.vu.idInInstance
  for (const clients of settings.clients) {
    // The others wait where the number that has a place for them begins.
    if (user > clients && user < firstWriter) continue
    const work = user < firstWriter ? ask : change
    const turns = generator(settings.seed, 0, clients)
    rendezvous.meet(`enter/${clients}`, clients + writers)
    for (let round = 1; round <= rounds; round++)
      // Once in a round: as drawn, and not the same way back.
      for (const position of order(sides.length * allPaces.length, turns).slice(
        sides.length * allPaces.length,
      )) {
        const side = sides[position % sides.length] as ResolvedSide
        const pace = Math.floor(position / sides.length)
        // All sides are asked the same keys in a round, and the same ones are changed.
        const next = draw(settings.seed, user, clients * 1000 + round)
        try {
          work({ user, side, clients, round, pace }, next)
        } catch (error) {
          const { kind, message } = failed(error)
          if (kind !== 'test ended') exec.test.abort(`${side.key} could not be changed: ${message}`)
          throw error
        }
      }
  }
}
