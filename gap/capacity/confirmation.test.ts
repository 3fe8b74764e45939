import { expect, it } from 'vitest'
import { Confirmation } from './confirmation.ts'
import type { Point } from './evidence.ts'
import { parseObjective } from './objective.ts'
import type { Round } from './search.ts'

const objective = parseObjective('p99<10ms')
const sides = [
  { key: 'a', objective, capacity: 1000, low: 980 },
  { key: 'b', objective, capacity: 500, low: 480 },
]

/** Each side holds up to a rate, exactly. */
const answer = (rounds: Round[], limits: Record<string, number>): Point[] =>
  rounds.flatMap((round, at) =>
    Object.entries(round).map(([side, rate]) => ({
      ...{ side, rate, session: 1, round: at + 1, seconds: 2, due: 1000, answered: 1000, failed: 0 },
      ...{ within: [rate <= (limits[side] ?? 0) ? 1000 : 900], growth: 0, lateP99Ms: 0, dropped: 0 },
    })),
  )

function confirmed(limits: Record<string, number>) {
  const confirmation = new Confirmation(sides)
  const asked: Round[] = []
  for (let rounds = confirmation.next(); rounds; rounds = confirmation.next()) {
    asked.push(rounds[0] as Round)
    confirmation.add(answer(rounds, limits))
  }
  return { asked, results: confirmation.results() }
}

it('five sessions at the lower end, of all sides at once', () => {
  const { asked, results } = confirmed({ a: 980, b: 480 })
  expect(asked).toEqual(Array(5).fill({ a: 980, b: 480 }))
  expect(results).toEqual({
    a: { confirmedRate: 980, steps: [{ rate: 980, held: 5 }] },
    b: { confirmedRate: 480, steps: [{ rate: 480, held: 5 }] },
  })
})

it('where one fails its side steps down by half of what lies between, or 1 %, and the other goes on', () => {
  const { asked, results } = confirmed({ a: 960, b: 480 })
  // 980, less 10, less 10 + 20.
  expect(results.a?.steps.map(({ rate }) => rate)).toEqual([980, 970, 950])
  expect(results.a?.steps[0]?.why).toContain('1000 % of what it allows')
  expect(results.a?.confirmedRate).toBe(950)
  expect(asked).toHaveLength(7)
  expect(asked[6]).toEqual({ a: 950 })
})

it('no rate is confirmed after six steps', () => {
  const { asked, results } = confirmed({ a: 0, b: 480 })
  expect(results.a?.confirmedRate).toBeUndefined()
  expect(results.a?.steps).toHaveLength(6)
  expect(asked).toHaveLength(6)
})

it('a rate below one a second is not rounded to none', () =>
  expect(Confirmation.rateOf({ key: 'a', objective, capacity: 0.05, low: 0.04 }, 5)).toBeGreaterThan(0))

it('what is ended before its time is not confirmed, and says why', () => {
  const confirmation = new Confirmation([{ key: 'a', objective, capacity: 1000, low: 950 }])
  confirmation.end('the time limit was reached')
  expect(confirmation.next()).toBeUndefined()
  const { a } = confirmation.results()
  expect(a?.confirmedRate).toBeUndefined()
  expect(a?.steps.at(-1)?.why).toBe('the time limit was reached')
})
