/**
 * The first answers of new connections, which a steady state hides: in each round, side by side, all virtual users open one at once, ask it
 * twice, and close it. The first answer counts from before the connection is opened: it connects, authenticates, loads a model, plans.
 */
import exec from 'k6/execution'
import type { Options } from 'k6/options'
import clock from 'k6/x/clock'
import recorder from 'k6/x/recorder'
import rendezvous from 'k6/x/rendezvous'
import { momentBlock, moments } from '../workload/connections.ts'
import { generator } from '../workload/draw.ts'
import type { ResolvedSide } from '../workload/resolve.ts'
import { settings, sides } from './lib/comparison.ts'
import { failed } from './lib/failure.ts'
import { writable } from './lib/file.ts'
import { draw } from './lib/keys.ts'
import { order } from './lib/plan.ts'
import { wholeNumber } from './lib/settings.ts'
import { connectSide } from './lib/sides.ts'

const rounds = wholeNumber('ROUNDS', 10)
const summaryFile = writable('SUMMARY_FILE')

export const options: Options = {
  scenarios: {
    connections: {
      executor: 'per-vu-iterations',
      vus: Math.max(...settings.clients),
      iterations: 1,
      maxDuration: '24h',
      gracefulStop: '2s',
    },
  },
  systemTags: ['scenario'],
}

function openAndAsk(side: ResolvedSide, clients: number, round: number, next: () => number): void {
  const series = moments.map((moment) =>
    recorder.series({ side: side.key, block: momentBlock(clients, round, moment) }),
  )
  let since = clock.now()
  const ask = connectSide(side)
  for (const each of series)
    try {
      ask(next())
      since = each.lap(since, true)
    } catch (error) {
      const { kind, message } = failed(error)
      since = each.lap(since, false, undefined, kind, message)
    }
  ask.close()
}

export default function () {
  const user = exec.vu.idInInstance
  for (const clients of settings.clients) {
    // The others wait where the number that has a place for them begins.
    if (user > clients) continue
    const turns = generator(settings.seed, 0, clients)
    rendezvous.meet(`enter/${clients}`, clients)
    for (let round = 1; round <= rounds; round++)
      // Once in a round: as drawn, and not the same way back.
      for (const position of order(sides.length, turns).slice(sides.length)) {
        const side = sides[position] as ResolvedSide
        rendezvous.meet(`${clients}/${round}/${side.key}`, clients)
        openAndAsk(side, clients, round, draw(settings.seed, user, clients * 1000 + round))
      }
    // Nobody opens connections at another number while the last ones are still asked.
    rendezvous.meet(`leave/${clients}`, clients)
    recorder.retire()
  }
}

/** In the form that `gap/connections.ts` reads. */
export function teardown() {
  const found = {
    version: 1,
    sides: sides.map(({ key }) => key),
    ...{ clients: settings.clients, rounds, seed: settings.seed },
    series: recorder.export().series.map(({ side, block, ok, failed, failures }) => ({
      ...{ side, block, count: ok.count, p50Ms: ok.p50Ms, maxMs: ok.maxMs },
      ...{ failed: failed.count, failures },
    })),
  }
  if (summaryFile) recorder.save(summaryFile, JSON.stringify(found))
}
