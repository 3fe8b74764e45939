import { expect, test } from 'vitest'
import { CouldNotMeasure } from '../build/failure.ts'
import { Missed } from './missed.ts'

test('what cannot be found out after the load is told, and something stands in its place', async () => {
  const missed = new Missed(new AbortController().signal)
  expect(await missed.orElse('one', async () => 1, 0)).toBe(1)
  expect(missed.told()).toEqual({})
  const refused = async () => {
    const cause = Object.assign(new Error('sorry,\n  too many clients'), { severity: 'FATAL', code: '53300' })
    throw new CouldNotMeasure(`Postgres: ${cause.message}`, undefined, { cause })
  }
  expect(await missed.orElse('its version', refused, 'unknown')).toBe('unknown')
  expect(missed.told()).toEqual({
    missed: [{ what: 'its version', kind: 'SQLSTATE 53300', message: 'Postgres: sorry, too many clients' }],
  })
})

test('the end of the command is no failure of a target', async () => {
  const controller = new AbortController()
  const missed = new Missed(controller.signal)
  const interrupted = async () => {
    controller.abort(new Error('interrupted'))
    throw new Error('the connection broke')
  }
  await expect(missed.orElse('its version', interrupted, 'unknown')).rejects.toThrow('interrupted')
  expect(missed.told()).toEqual({})
})
