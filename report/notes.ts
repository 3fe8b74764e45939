/** What does not make the figures worthless, but belongs beside them. */
import { leastHeadroom } from '../gap/cost.ts'
import { percentilesOf } from '../gap/figures.ts'
import { grouped } from '../gap/grouped.ts'
import { hostRows, unevenHosts } from '../gap/hosts.ts'
import { reasonsNotJudged } from '../gap/not-judged.ts'
import { hiddenStalls } from '../gap/omission.ts'
import { hidden, hiddenInWords, isWakingUp } from '../gap/outside.ts'
import { percentInWords } from '../gap/percent.ts'
import { hasWorkers, unevenBlocks } from '../gap/workers.ts'
import type { Run } from './run.ts'
import { figure } from './table.ts'
import { clientsInWords, notJudgedInWords } from './words.ts'

export function notes({ costs, measurement, verdict }: Run): string[] {
  const bound = costs.filter(({ headroom }) => headroom.median < leastHeadroom)
  const uneven = unevenBlocks(measurement)
  const unsteady = measurement.warmups.filter(({ steady }) => !steady)
  const clientsOf = (them: { clients: number }[]) =>
    [...new Set(them.map(({ clients }) => clients))].join(', ')
  return [
    ...(bound.length > 0
      ? [
          `the client is a large part of what was seen of ${[...new Set(bound.map(({ key }) => key))].join(' and ')} (it could have asked less than ${leastHeadroom} times as often; clients: ${clientsOf(bound)}): look at the figures net of client cost, too`,
        ]
      : []),
    ...notJudged(verdict),
    ...fewRequests(measurement),
    ...lateness(measurement),
    ...hiddenStalls(measurement).map(
      ({ key, p99Ms, closedP99Ms }) =>
        `${key} stalled: arrivals waited ${figure(p99Ms)} ms at p99, where one client of a closed model would have seen ${figure(closedP99Ms)} ms (coordinated omission)`,
    ),
    ...(uneven.length > 0
      ? [
          `in ${uneven.length} of ${measurement.blocks.filter(hasWorkers).length} blocks of ${[...new Set(uneven.map(({ key }) => key))].join(' and ')} its workers shared the answers unevenly (clients: ${clientsOf(uneven)})`,
        ]
      : []),
    ...unevenHosts(hostRows(measurement)).map(
      ({ key, clients, host, share }) =>
        `${host} of ${key} gave ${percentInWords(share)} of its answers to ${clients} clients, which is no even share`,
    ),
    ...hidden(measurement)
      .filter(isWakingUp)
      .map((each) => `${hiddenInWords(each)}; it woke up there, or it stood still`),
    ...(unsteady.length > 0
      ? [
          `${unsteady.length} of ${measurement.warmups.length} warm-ups ended before the rates were steady (clients: ${clientsOf(unsteady)})`,
        ]
      : []),
  ]
}

/** Of fewer requests the one in a hundred that p99 leaves out is none. */
const enoughForP99 = 100

/** Gaps in p99 are those of pairs of blocks: of few requests the longest is what is compared. */
function fewRequests({ blocks }: Run['measurement']): string[] {
  const few = blocks.filter(({ phase, ok }) => phase === 'measure' && ok.count > 0 && ok.count < enoughForP99)
  return grouped(few, ({ key, clients }) => [key, clients]).map((own) => {
    const [{ key, clients }] = own as [(typeof own)[number]]
    const fewest = Math.min(...own.map(({ ok }) => ok.count))
    const some = own.length === 1 ? 'one block' : `${own.length} blocks`
    return `fewer than ${enoughForP99} answers are in ${some} of ${key} at ${clientsInWords(clients)} (at the fewest ${fewest}): p99 there is the longest of them; a longer --block has more`
  })
}

/** In the open model: the client's part of each latency. */
function lateness({ blocks }: Run['measurement']): string[] {
  const late = blocks.flatMap((block) => block.late ?? [])
  if (late.length === 0) return []
  return [
    `the client sent requests ${figure(percentilesOf(late, 50))} ms late at p50, ${figure(percentilesOf(late, 99))} ms at p99, for which it waited itself; that is part of every side's latency`,
  ]
}

/** Bounds that say nothing of this run, by the reason. */
function notJudged({ notJudged }: Run['verdict']): string[] {
  const numbers = [...new Set(notJudged.flatMap(({ clients }) => clients ?? []))].join(', ')
  return reasonsNotJudged.flatMap((why) => {
    const those = notJudged.filter((each) => each.why === why)
    const reason =
      why === 'clients'
        ? `they hold at other numbers of clients (${numbers}) than were measured`
        : notJudgedInWords({ why })
    return those.length === 0
      ? []
      : [`not judged, for ${reason}: ${those.map(({ threshold }) => threshold).join(', ')}`]
  })
}
