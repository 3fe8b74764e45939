/** The terminal report of rates that were fixed beforehand. */
import type { Ladder, Rung } from '../gap/capacity/ladder.ts'
import { ends, figure, table } from './table.ts'

const held = ({ used, isGrowing }: Rung) => (isGrowing ? 'no, a backlog grows' : used > 1 ? 'no' : 'yes')

function inWords({ side, objective, holds, crossed, capacity, clientLimit }: Ladder): string {
  const what = `${side} (${objective})`
  if (clientLimit !== undefined)
    return `${what}: ${holds === undefined ? 'nothing is known' : `${figure(holds)}/s or more`}, client-limited: at ${figure(crossed as number)}/s ${clientLimit}`
  if (capacity)
    return `${what}: ${figure(capacity.capacity)}/s ${ends(capacity.low, capacity.high)}, between the rates that hold and those that are crossed; no fresh session has confirmed it`
  if (holds !== undefined) return `${what}: ${figure(holds)}/s or more; no rate was crossed`
  return `${what}: below ${figure(crossed as number)}/s; no rate held`
}

export const ladderReport = (ladders: readonly Ladder[]): string =>
  [
    table(
      ['side', 'requests/s', 'rounds', 'due', 'used of what is allowed', 'holds', 'client late, p99, ms'],
      ladders.flatMap(({ side, rungs }) =>
        rungs.map((rung) => [
          ...[side, figure(rung.rate), String(rung.rounds), rung.due.toLocaleString('en')],
          ...[`${(100 * rung.used).toFixed(0)} %`, held(rung), figure(rung.lateP99Ms)],
        ]),
      ),
    ),
    '',
    ...ladders.map((ladder) => `  ${inWords(ladder)}`),
  ].join('\n')
