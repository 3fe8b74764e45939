/** What can be changed in the embedded targets while they are asked, and how it is done to each: as whoever runs one would do it. */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { CouldNotMeasure, messageOf } from '../build/failure.ts'
import { patience } from '../build/patience.ts'
import { isSame } from '../workload/answers.ts'
import { everyKey } from '../workload/changes.ts'
import type { Answer, AnyKey, Compare } from '../workload/workload.ts'
import type { Address, Asked } from './asker.ts'
import { type AskedSide, answersOf, differences } from './parity.ts'

/** 0: as before. */
export type State = 0 | 1

export interface Change {
  /** How it is done, in words. */
  how: string
  /** Done once it resolves, as far as whoever orders it is told. @param key position among the asked ones, or all of them */
  to(state: State, key: number): Promise<void>
}

export interface Changes {
  /** By the variables of addresses. What shares an address changes with it. */
  by: Readonly<Record<string, Change>>
  /** Asked in the place of the targets' own while this is there. */
  addresses: Readonly<Record<string, Address>>
  /** All is as it was before. */
  undo(): Promise<void>
}

/** Milliseconds between two looks at whether a change shows. */
const lookEvery = 100

export interface BothStates {
  /** Keys to which the answers of both states differ. */
  keys: AnyKey[]
  /** Their positions among all that were given. */
  places: number[]
  /** By state, then by key. */
  answers: readonly [Answer[], Answer[]]
}

/** Asks until all say the same, and something else than before. */
async function shown(
  sides: readonly AskedSide[],
  keys: AnyKey[],
  compare: Exclude<Compare, false>,
  asked: Asked,
  before: readonly Answer[] | undefined,
): Promise<Answer[]> {
  const until = performance.now() + patience * 1000
  for (;;) {
    const said: Answer[][] = []
    for (const side of sides) said.push(await answersOf(side, keys, asked))
    const [first = []] = said
    const isNew =
      before === undefined || first.some((answer, at) => !isSame(answer, before[at] as Answer, compare))
    const different = said.flatMap((answers, at) => {
      const names = [sides[at], sides[0]].map((each) => each?.side.name ?? '') as [string, string]
      return differences(keys, [names[0], answers], [names[1], first], compare)
    })
    if (isNew && different.length === 0) return first
    if (performance.now() > until)
      throw new CouldNotMeasure(
        different.length > 0
          ? `after the change the sides do not answer the same:\n${different.slice(0, 5).join('\n')}`
          : 'the change shows in no answer',
        "The service's log may say why",
      )
    await sleep(lookEvery)
  }
}

/** What every side says before and after the change, which all must say alike; all is in state 0 again afterwards. */
export async function bothStates(
  changes: Changes,
  sides: readonly AskedSide[],
  keys: AnyKey[],
  compare: Exclude<Compare, false>,
  asked: Asked,
): Promise<BothStates> {
  const to = async (state: State) => {
    for (const change of Object.values(changes.by)) await change.to(state, everyKey)
  }
  const before = await shown(sides, keys, compare, asked, undefined)
  await to(1)
  const after = await shown(sides, keys, compare, asked, before)
  await to(0)
  await shown(sides, keys, compare, asked, after)
  const differ = [...keys.keys()].filter((at) => !isSame(before[at] as Answer, after[at] as Answer, compare))
  const of = <T>(all: readonly T[]) => differ.map((at) => all[at] as T)
  return { keys: of(keys), places: differ, answers: [of(before), of(after)] }
}

export interface ChangeServer {
  /** For whoever has changes made while it asks; nobody else knows it. */
  url: string
  stop(): Promise<void>
}

interface Order {
  address: string
  key: number
  state: State
}

/**
 * Does to a target what it is told to, and answers when that is done.
 * @param places of the keys that are asked for, among those that can be changed
 */
export async function startChangeServer({ by }: Changes, places: readonly number[]): Promise<ChangeServer> {
  const secret = `/${randomBytes(18).toString('hex')}`
  const server = createServer(async (request, response) => {
    const end = (status: number, text: string) => {
      response.statusCode = status
      response.end(text)
    }
    if (request.url !== secret) return void end(404, '')
    try {
      let body = ''
      for await (const part of request) body += part
      const { address, key, state } = JSON.parse(body) as Order
      const change = by[address]
      if (!change) throw new Error(`nothing is known to change at ${address}`)
      await change.to(state, places[key] ?? everyKey)
      end(200, '')
    } catch (error) {
      end(500, messageOf(error))
    }
  })
  server.keepAliveTimeout = 600_000
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${secret}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
