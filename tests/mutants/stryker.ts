/** Mutants of TypeScript, by StrykerJS with its runner for vitest. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import type { LogLevel } from '@stryker-mutator/api/core'
import { Stryker } from '@stryker-mutator/core'
import { root } from '../../build/paths.ts'
import { type Mutant, short } from './mutant.ts'
import type { Room } from './rooms.ts'

interface Position {
  line: number
  column: number
}

/** @param end exclusive; lines and columns from 1 */
function between(text: string, start: Position, end: Position): string {
  const lines = text.split('\n').slice(start.line - 1, end.line)
  const last = lines.length - 1
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1)
  lines[0] = (lines[0] ?? '').slice(start.column - 1)
  return lines.join('\n')
}

export async function stryker({ name, files }: Room, only?: string): Promise<Mutant[]> {
  process.env.MUTANTS_OF = name
  process.chdir(root)
  const results = await new Stryker({
    mutate: only ? [only] : files,
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'tests/mutants/vitest.config.ts', related: true },
    coverageAnalysis: 'perTest',
    tempDirName: '.cache/mutants',
    ignorePatterns: ['/.cache', '/bin', '/dist', '/results'],
    // TypeScript 7 has no interface for it to rewrite a tsconfig.json by, and nothing here needs that.
    tsconfigFile: 'none.json',
    concurrency: 1,
    // A busy machine is no endless loop.
    timeoutMS: 20_000,
    timeoutFactor: 4,
    reporters: ['progress-append-only'],
    logLevel: 'warn' as LogLevel,
  }).runMutationTest()
  const texts = new Map<string, string>()
  for (const { fileName } of results)
    if (!texts.has(fileName)) texts.set(fileName, await readFile(fileName, 'utf8'))
  return results
    .filter(({ status }) => status !== 'CompileError' && status !== 'RuntimeError')
    .map(({ fileName, location, replacement, status }) => {
      const text = texts.get(fileName) as string
      return {
        file: path.relative(root, fileName),
        line: location.start.line,
        code: (text.split('\n')[location.start.line - 1] ?? '').trim(),
        change: `${short(between(text, location.start, location.end))} → ${short(replacement)}`,
        killed: status === 'Killed' || status === 'Timeout',
      }
    })
}
