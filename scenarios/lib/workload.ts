/** The workload as a scenario sees it: nothing left open, its sides chosen by an environment variable. */
import { NoSuchSide, type ResolvedSide, resolved, selected, selectionForm } from '../../workload/resolve.ts'
import given from './given.ts'
import { queryMode, refuse, text, variables } from './settings.ts'

export const asked = resolved(given, variables)

/** @param variable that names sides, separated by commas */
export function sidesOf(variable: string, fallback: readonly string[]): ResolvedSide[] {
  try {
    return selected(text(variable, fallback.join()).split(',').filter(Boolean), asked, queryMode())
  } catch (error) {
    if (error instanceof NoSuchSide)
      return refuse(variable, error.word, `${selectionForm}; the sides are ${error.known.join(', ')}`)
    throw error
  }
}
