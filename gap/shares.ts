/**
 * Whose a gap is. Where the last side is also asked as another build of the same (a side beside it that predicts and is `of` the last),
 * the gap has two factors: what the other side gains on that build, which is the architecture's, and what that build gains on the last side,
 * which is the implementation's. In each pair their product is the gap.
 */
import { type Measurement, type Pair, sideOf } from './measurement.ts'
import { type Ratio, ratioOf } from './ratio.ts'

export interface Share {
  /** The side that is compared with the last one. */
  key: string
  /** The other build of the last side. */
  by: string
  clients: number
  /** TPS, key ÷ by. */
  architecture: Ratio
  /** TPS, by ÷ the last side. */
  implementation: Ratio
}

/** Other builds of the last side, which are asked beside it. */
const buildsOf = (measurement: Measurement): string[] => {
  const { sides, beside } = measurement.settings
  const last = sides.at(-1)
  return beside.filter((key) => {
    const { role, of } = sideOf(measurement, key)
    return role === 'predict' && of === last
  })
}

/** By session, as intervals are drawn. */
const bySession = (pairs: readonly Pair[], value: (pair: Pair) => number) =>
  [...new Set(pairs.map(({ session }) => session))].map((session) =>
    pairs.filter((pair) => pair.session === session).map(value),
  )

/** Of each side that is compared, at each number of clients that has pairs of both. @param error see {@link ratioOf} */
export function sharesOf(measurement: Measurement, error = 0.05): Share[] {
  const { settings, pairs } = measurement
  const builds = buildsOf(measurement)
  const keys = [...settings.sides, ...settings.beside].filter((key) => !builds.includes(key))
  return settings.clients.flatMap((clients) =>
    builds.flatMap((by) => {
      const others = pairs.filter((pair) => pair.clients === clients && pair.key === by)
      const inPair = (a: Pair) => others.find((b) => b.session === a.session && b.pair === a.pair)
      return keys.flatMap((key) => {
        const both = pairs.filter((pair) => pair.clients === clients && pair.key === key && inPair(pair))
        if (both.length === 0) return []
        const against = (pair: Pair) => (inPair(pair) as Pair).tps
        return [
          {
            ...{ key, by, clients },
            architecture: ratioOf(
              bySession(both, (pair) => pair.tps / against(pair)),
              settings.seed,
              error,
            ),
            implementation: ratioOf(bySession(both, against), settings.seed, error),
          },
        ]
      })
    }),
  )
}
