import { describe, expect, test } from 'vitest'
import { endsFirst, type Resources } from './resources.ts'

/** The side uses 1.2 of two processors, and the client 0.3; nothing is used up. */
const idle: Resources = {
  ...{ side: 'database', rate: 1234.56, inFlight: 3, clients: 20, waited: 0 },
  parts: [
    { side: 'database', what: 'server', processors: 1 },
    { side: 'database', what: 'backends', processors: 0.2 },
    { side: '', what: 'client', processors: 0.3 },
    { side: 'service', what: 'workers', processors: 0.7 },
  ],
  machine: { cores: 2, busy: 0.8, stolen: 0 },
}
const activity = { connections: 20, mostConnections: 100, active: 3, waits: [] }
const told = (change: Partial<Resources> = {}) => endsFirst({ ...idle, ...change })

test('where nothing is used up it is the queue before the side', () => {
  expect(told()).toBe(
    'At 1,235 requests a second of database, nothing is used up in the mean: database uses 1.20, the client 0.30 of 2 processors; ' +
      'what ends first is the queue before database, for its latency grows with every burst.',
  )
})

describe('clients', () => {
  test('that all wait for answers are told before all else', () => {
    expect(told({ waited: 0.25, machine: { cores: 2, busy: 1, stolen: 0 } })).toBe(
      'At 1,235 requests a second of database, 25 % of the requests found all 20 clients waiting for answers: more --clients may reach further.',
    )
  })

  test('of which one in a hundred requests found none free are enough', () => {
    expect(told({ waited: 0.01 })).toContain('nothing is used up')
    expect(told({ waited: 0.011 })).toContain('1 % of the requests found all')
  })
})

describe('connections of a database', () => {
  const full = { ...activity, connections: 90, mostConnections: 100 }

  test('are used up from nine in ten on', () => {
    expect(told({ activity: full })).toBe(
      'At 1,235 requests a second of database, the database has 90 of at most 100 connections.',
    )
    expect(told({ activity: { ...full, connections: 89 } })).toContain('nothing is used up')
  })
})

describe('processors', () => {
  test('are used up from nine in ten on, and it is told whose they are', () => {
    expect(told({ machine: { cores: 2, busy: 0.9, stolen: 0 } })).toBe(
      "At 1,235 requests a second of database, the machine's 2 processors are 90 % busy: database uses 1.20, the client 0.30.",
    )
    expect(told({ machine: { cores: 2, busy: 0.89, stolen: 0 } })).toContain('nothing is used up')
  })

  test('that other machines on the host take are no less used up', () => {
    expect(told({ machine: { cores: 2, busy: 0.75, stolen: 0.25 } })).toContain(
      'are 100 % busy (25 % taken by other machines on its host): database uses',
    )
    expect(told({ machine: { cores: 2, busy: 0.95, stolen: 0.02 } })).toContain('(2 % taken by')
    expect(told({ machine: { cores: 2, busy: 0.95, stolen: 0.019 } })).not.toContain('taken by')
  })

  test('of a side elsewhere nobody knows', () => {
    const parts = idle.parts.filter(({ side }) => side === '')
    expect(told({ parts, machine: { cores: 2, busy: 0.95, stolen: 0 } })).toBe(
      "At 1,235 requests a second of database, the machine's 2 processors are 95 % busy.",
    )
    expect(told({ parts })).toBe(
      'At 1,235 requests a second of database, what ends first is not known: its processes are not on this machine, and it tells of no wait.',
    )
  })

  test('of a machine that does not tell are not known either', () => {
    const { machine: _, ...rest } = idle
    expect(endsFirst(rest)).toContain('what ends first is not known')
  })
})

test('what queries wait for is told where it is a good part of them, and not that they run', () => {
  const waiting = (what: string, share: number) =>
    told({
      activity: {
        ...activity,
        waits: [
          { what: 'running', share: 0.6 },
          { what, share },
        ],
      },
    })
  expect(waiting('a lock', 0.3)).toBe(
    'At 1,235 requests a second of database, 30 % of the queries at work wait for a lock.',
  )
  expect(waiting('a lock', 0.29)).toContain('nothing is used up')
})
