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

/** From the lower end, by half of what lies between it and the capacity: at least 1 % of it, at most 4 %. */
it.each([
  // Half of 20 is as much as 1 % of 980 and a little more; steps of 10, 20, 30.
  [1000, 980, [980, 970, 950, 920]],
  // Half of 4 would be 2: it is 1 % of 996.
  [1000, 996, [996, 986, 966.1, 936.2]],
  // Half of 200 would be 100: it is 4 % of 800.
  [1000, 800, [800, 768, 704, 608]],
])('steps from %d, not below %d at first, grow by one each time', (capacity, low, expected) => {
  expect(
    expected.map((_, step) => Confirmation.rateOf({ key: 'a', objective, capacity, low }, step)),
  ).toEqual(expected)
})

it('however many steps, a rate is a fair share of the first', () => {
  const side = { key: 'a', objective, capacity: 2000, low: 1000 }
  // 40 times 45 would be more than there is.
  expect(Confirmation.rateOf(side, 9)).toBe(Number((1000 / 11).toPrecision(4)))
})

it('a session has as many rounds as it is to have, of those sides that are left', () => {
  const confirmation = new Confirmation(sides, { rounds: 3, sessions: 2, mostSteps: 1 })
  expect(confirmation.next()).toEqual(Array(3).fill({ a: 980, b: 480 }))
  expect(confirmation.add(answer(confirmation.next() ?? [], { a: 980 }))).toEqual({ a: true, b: false })
  // One step is all that it has.
  expect(confirmation.next()).toEqual(Array(3).fill({ a: 980 }))
  // What comes of a side that is done, or of none, changes nothing.
  const late = answer([{ a: 980, b: 480 }], { a: 980, b: 480 })
  expect(confirmation.add(late)).toEqual({ a: true })
  expect(confirmation.add([])).toEqual({})
  expect(confirmation.next()).toBeUndefined()
  confirmation.end('over')
  expect(confirmation.results()).toEqual({
    a: { confirmedRate: 980, steps: [{ rate: 980, held: 2 }] },
    b: {
      confirmedRate: undefined,
      steps: [{ rate: 480, held: 0, why: expect.stringContaining('of what it allows') }],
    },
  })
})

it('a side of which a session told nothing goes on', () => {
  const confirmation = new Confirmation(sides, { sessions: 1 })
  expect(confirmation.add(answer([{ a: 980 }], { a: 980 }))).toEqual({ a: true })
  expect(confirmation.next()).toEqual(Array(2).fill({ b: 480 }))
})
