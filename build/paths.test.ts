import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { placesOf } from './paths.ts'

let project = ''
beforeAll(async () => {
  project = await mkdtemp(path.join(tmpdir(), 'a project '))
  await writeFile(path.join(project, 'package.json'), '{}')
  await mkdir(path.join(project, 'packages', 'churn'), { recursive: true })
  await writeFile(path.join(project, 'packages', 'churn', 'package.json'), '{}')
  await mkdir(path.join(project, 'load', 'tests'), { recursive: true })
})
afterAll(() => rm(project, { recursive: true, force: true }))

test('in a checkout everything stays in it, wherever it is called', () => {
  expect(placesOf('/a/checkout', project, undefined)).toEqual({
    cache: '/a/checkout/.cache',
    programs: '/a/checkout/bin',
    bundles: '/a/checkout/dist',
    results: '/a/checkout/results',
  })
})

describe('as a dependency it is the project that is written to', () => {
  const of = (from: string, said?: string) =>
    placesOf(path.join(project, 'node_modules', 'inference-gap'), path.join(project, from), said)

  test.each([
    ['', ''],
    ['load/tests', ''],
    // A workspace has its dependencies above itself.
    ['packages/churn', 'packages/churn'],
  ])('called in ./%s', (from, home) => {
    const cache = path.join(project, home, 'node_modules', '.cache', 'inference-gap')
    expect(of(from)).toEqual({
      cache,
      programs: path.join(cache, 'bin'),
      bundles: path.join(cache, 'dist'),
      results: path.join(project, home, 'results'),
    })
  })

  test('and what is built goes where the user says, counted from where it is called', () => {
    expect(of('load', '../built')).toEqual({
      cache: path.join(project, 'built'),
      programs: path.join(project, 'built', 'bin'),
      bundles: path.join(project, 'built', 'dist'),
      results: path.join(project, 'results'),
    })
  })
})

test('what the user says holds for a checkout, too', () => {
  const { cache, programs, results } = placesOf('/a/checkout', '/elsewhere', '/built')
  expect([cache, programs, results]).toEqual(['/built', '/built/bin', '/a/checkout/results'])
})

test('what is measured goes where the user says, counted from where it is called', () => {
  const installed = path.join(project, 'node_modules', 'inference-gap')
  for (const sources of [installed, '/a/checkout'])
    expect(placesOf(sources, path.join(project, 'load'), undefined, '../left').results).toBe(
      path.join(project, 'left'),
    )
})
