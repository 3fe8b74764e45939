/** k6 against clients of other makes, on the same targets in the same minutes. */
import { median } from 'simple-statistics'
import { type Ratio, ratioOf } from './ratio.ts'

/** TPS of one side in one round. */
export interface SideRound {
  /** By its own client: pgbench, ApacheBench, autocannon. */
  own: number
  k6: number
}

/** One round at one number of clients. */
export interface CrosscheckRound {
  clients: number
  sides: Record<string, SideRound>
}

export interface CrosscheckRow {
  clients: number
  /** Median TPS by side, and k6 ÷ the other client: 1 means that k6 costs no more. */
  sides: Record<string, SideRound & { share: Ratio }>
  /** First side ÷ last, by clients of other makes and by k6; absent where there is one side only. */
  gapByOwnClients?: Ratio
  gapByK6?: Ratio
}

export function crosscheckRows(rounds: CrosscheckRound[], seed: number): CrosscheckRow[] {
  return [...new Set(rounds.map(({ clients }) => clients))].map((clients) => {
    const all = rounds.filter((round) => round.clients === clients)
    const names = Object.keys(all[0]?.sides ?? {})
    const of = (round: CrosscheckRound, side: string) => round.sides[side] as SideRound
    const ratio = (part: (round: CrosscheckRound) => number) => ratioOf([all.map(part)], seed)
    const [first = '', last = ''] = [names[0], names.at(-1)]
    return {
      clients,
      sides: Object.fromEntries(
        names.map((side) => [
          side,
          {
            own: median(all.map((round) => of(round, side).own)),
            k6: median(all.map((round) => of(round, side).k6)),
            share: ratio((round) => of(round, side).k6 / of(round, side).own),
          },
        ]),
      ),
      ...(names.length > 1 && {
        gapByOwnClients: ratio((round) => of(round, first).own / of(round, last).own),
        gapByK6: ratio((round) => of(round, first).k6 / of(round, last).k6),
      }),
    }
  })
}
