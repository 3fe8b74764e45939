/** The matrix of several k6, as far as it goes without GitHub. */
import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../build/paths.ts'
import { partOf } from '../../scenarios/lib/part.ts'

interface Job {
  needs?: string
  if?: string
  strategy?: { 'fail-fast': boolean; matrix: { segment: string[] } }
  steps: { uses?: string; run?: string }[]
}

const text = await readFile(path.join(root, 'examples', 'ci', 'machines.yml'), 'utf8')
const { jobs } = parse(text, { strict: true, uniqueKeys: true }) as { jobs: Record<string, Job> }
const shellSteps = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))

test('the segments of the matrix are all parts of one comparison, each once', () => {
  const [, sequence] = /--execution-segment-sequence (\S+)/.exec(text) ?? []
  const parts = jobs.part?.strategy?.matrix.segment.map((segment) => partOf(segment, sequence)) ?? []
  expect(parts).toEqual(parts.map((_, index) => ({ index, of: parts.length })))
  expect(parts.length).toBeGreaterThan(1)
})

test('all parts are told one moment, and what becomes of one ends no other and no verdict', () => {
  expect(text).toMatch(/START_AT: \$\{\{ needs\.moment\.outputs\.start \}\}/)
  expect(jobs.part).toMatchObject({ needs: 'moment', strategy: { 'fail-fast': false } })
  expect(jobs.verdict).toMatchObject({ needs: 'part', if: 'always()' })
})

test.each(shellSteps)('the shell understands `%s`', (command) => {
  const withValues = command.replaceAll(/\$\{\{[^}]*\}\}/g, 'value')
  expect(spawnSync('bash', ['-n', '-c', withValues]).status).toBe(0)
})

test('actions have a fixed major version', () => {
  for (const { uses } of Object.values(jobs).flatMap(({ steps }) => steps))
    if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/)
})
