/** All rows of the table, in its order. */
import { answers } from './answers.ts'
import { database } from './database.ts'
import { input } from './input.ts'
import type { Group } from './row.ts'

export const groups: readonly Group[] = [answers, database, input]
