import { describe, expect, it } from 'vitest'
import {
  objectiveOf,
  objectivesOf,
  parseGiven,
  parseObjective,
  tightestMs,
  UnreadableObjective,
  withinOf,
} from './objective.ts'

const only = (text: string) => {
  const { terms } = parseObjective(text)
  expect(terms).toHaveLength(1)
  return terms[0]
}

describe('an objective is read', () => {
  it.each([
    ['p99<10ms', 0.99, 10],
    ['p50 < 500us', 0.5, 0.5],
    ['P99.9≤2 s', 0.999, 2000],
    ['p999<=20MS', 0.999, 20],
    ['p9999<1min', 0.9999, 60_000],
    ['p95<.25s', 0.95, 250],
    ['p99<250µs', 0.99, 0.25],
    ['p99<250μs', 0.99, 0.25],
    ['p5<1ms', 0.05, 1],
    ['p99.5 <\t1.5 ms', 0.995, 1.5],
    ['median<3ms', 0.5, 3],
    ['p995<1ms', 0.995, 1],
    ['p50.999<1ms', 0.50999, 1],
  ])('%s', (text, share, limitMs) => {
    expect(only(text)).toEqual({ figure: 'percentile', share, limitMs, text })
  })

  it.each([
    ['mean<3ms', 3],
    ['avg <= 0.5 s', 500],
    ['average<2ms', 2],
  ])('%s', (text, limitMs) => expect(only(text)).toEqual({ figure: 'mean', limitMs, text }))

  it.each([
    ['failures<0.1%', 0.001],
    ['failures < 0.001', 0.001],
    ['errors<1%', 0.01],
    ['error rate <= 2 %', 0.02],
    ['failed<0.5', 0.5],
    ['failure share<0.5', 0.5],
    ['failure<1%', 0.01],
    ['error<1%', 0.01],
  ])('%s: percent with %%, else a fraction', (text, limit) =>
    expect(only(text)).toEqual({ figure: 'failures', limit, text }))

  it('with several terms', () => {
    const objective = parseObjective(' p99<10ms, mean<3ms ;failures<0.1% ')
    expect(objective.text).toBe('p99<10ms, mean<3ms ;failures<0.1%')
    expect(objective.terms.map(({ figure }) => figure)).toEqual(['percentile', 'mean', 'failures'])
    expect(tightestMs(objective)).toBe(3)
    expect(tightestMs(parseObjective('failures<1%'))).toBeUndefined()
  })
})

describe('an objective that cannot be read is told with an example', () => {
  it.each([
    ['', 'at least one'],
    ['  ', 'at least one'],
    ['2p99<10ms', 'expected a figure'],
    ['p99<10ms 5', 'expected a figure'],
    ['error rates<1%', 'expected a percentile as p99, mean, or failures'],
    ['p99<10ms,', 'nothing between two commas'],
    ['p99<10ms,,mean<2ms', 'nothing between two commas'],
    ['p99<10', 'a unit is missing'],
    ['p99<10 parsecs', 'no unit of time is called parsecs'],
    ['p99<10%', 'no unit of time'],
    ['p99<0ms', 'above 0'],
    ['p99<-1ms', 'expected a figure'],
    ['p99>10ms', 'expected a figure'],
    ['p99', 'expected a figure'],
    ['p0<1ms', 'above p0'],
    ['p100<1ms', 'below p100'],
    ['p<1ms', 'expected a percentile as p99, mean, or failures'],
    ['p9.9.9<1ms', 'expected a percentile as p99, mean, or failures'],
    ['maximum<1ms', 'expected a percentile'],
    ['mean2<1ms', 'expected a percentile'],
    ['failures<1', 'without % is 100 %'],
    ['failures<100%', 'below 100 %'],
    ['failures<150%', 'below 100 %'],
    ['failures<0', 'above 0'],
    ['failures<1ms', 'a share of requests'],
    ['p99<1ms,p99.0<2ms', 'the same figure'],
    ['p999<1ms,p99.9<2ms', 'the same figure'],
    ['failures<1%,errors<2%', 'the same figure'],
  ])('%s', (text, why) => {
    const read = () => parseObjective(text)
    expect(read).toThrow(UnreadableObjective)
    expect(read).toThrow(why)
    expect(read).toThrow("for example 'p99<10ms,failures<0.1%'")
  })
})

it('several percentiles are several figures', () =>
  expect(parseObjective('p50<5ms,p99<10ms').terms).toHaveLength(2))

it('the error says what to correct', () => {
  const error = new UnreadableObjective('x')
  expect([error.name, error.text]).toEqual(['UnreadableObjective', 'x\n  → Correct --objective'])
})

it('a side stands before the first colon, and no limit before it', () => {
  expect(parseGiven('database: p99<5ms')).toMatchObject({ side: 'database', objective: { text: 'p99<5ms' } })
  expect(() => parseGiven('p99<10ms: mean<1ms')).toThrow('p99<10ms: mean<1ms')
})

describe('of sides', () => {
  const given = ['p99<10ms', 'database : p99<5ms'].map(parseGiven)

  it('its own wins over that of all', () => {
    expect(objectiveOf('database', given).text).toBe('p99<5ms')
    expect(objectiveOf('service', given).text).toBe('p99<10ms')
    const all = [...objectivesOf(['database', 'service'], given)]
    expect(all.map(([side, { text }]) => [side, text])).toEqual([
      ['database', 'p99<5ms'],
      ['service', 'p99<10ms'],
    ])
  })

  it('none, two, and one for a side that is not there', () => {
    expect(() => objectiveOf('service', given.slice(1))).toThrow('no objective for service')
    expect(() => objectiveOf('service', [...given, parseGiven('mean<1ms')])).toThrow('both for all sides')
    expect(() => objectivesOf(['service', 'cache'], given)).toThrow(
      "--objective 'database: …': the workload has no such side; expected one of service, cache",
    )
  })
})

it('what is counted is what each term asks for', () => {
  const counts = { countWithin: (limitMs: number) => limitMs * 9, sumMs: 450, answered: 99, failed: 1 }
  expect(withinOf(parseObjective('p99<10ms,mean<4ms,failures<1%'), counts)).toEqual([90, 450, 99])
})
