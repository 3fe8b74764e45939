/** The workflow as far as it goes without GitHub: its form, and that each of its shell steps is a command that is there. */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../build/paths.ts'
import { main } from '../../cli/main.ts'

interface Step {
  name?: string
  uses?: string
  run?: string
  with?: Record<string, string | number>
}

const text = await readFile(path.join(root, 'examples', 'ci', 'inference-gap.yml'), 'utf8')
const workflow = parse(text, { strict: true, uniqueKeys: true })
const steps: Step[] = workflow.jobs.gate.steps
const shellSteps = steps.flatMap(({ run }) => run ?? [])

test('every step either uses an action of a fixed major version or runs something', () => {
  for (const { uses, run } of steps) {
    expect([uses, run].filter((part) => part !== undefined)).toHaveLength(1)
    if (uses) expect(uses).toMatch(/^actions\/[\w-]+@v\d+$/)
  }
  expect(Object.keys(workflow.on)).toContain('pull_request')
  expect(workflow.permissions).toEqual({ contents: 'read' })
})

test('the report is kept also when the gate fails', () => {
  const last = steps.at(-1) as Step & { if?: string }
  expect(last.uses).toContain('upload-artifact')
  expect(last.if).toBe('always()')
})

test('what is cached and hashed lies in the repository or is made in it', () => {
  const hashed = [...text.matchAll(/'([\w-]+)\/\*\*'/g)].map(([, folder]) => folder as string)
  expect(hashed.length).toBeGreaterThan(2)
  for (const folder of hashed) expect(existsSync(path.join(root, folder)), folder).toBe(true)
  expect(existsSync(path.join(root, 'extension-sql', 'go.sum'))).toBe(true)
})

test.each(shellSteps)('the shell understands `%s`', (command) => {
  expect(spawnSync('bash', ['-n', '-c', command]).status).toBe(0)
})

test.each(
  shellSteps.filter((command) => command.startsWith('npx inference-gap')),
)('`%s` is a command with these flags', async (command) => {
  const [name = '', ...args] = command.split(' ').slice(2)
  let help = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    help += part
    return true
  })
  await main([name, '--help'])
  vi.restoreAllMocks()
  expect(help).toContain(`Usage: inference-gap ${name} `)
  for (const flag of args.filter((arg) => arg.startsWith('--')))
    expect(help).toMatch(new RegExp(`${flag}\\b`))
})
