/** Everything that has to be there before a target can start: built once, skipped as long as nothing changed. */
import { scenarioBundles } from '../build/bundles.ts'
import { distance } from '../build/distance.ts'
import { k6 } from '../build/k6.ts'
import { nullServer } from '../build/null-server.ts'
import { pgml } from '../build/pgml.ts'
import { checkPrerequisites } from '../build/prerequisites.ts'
import { pythonEnvironment, trainingPackages } from '../build/python.ts'
import { doStep, type Step } from '../build/step.ts'
import { prepareFlights, prepareScaled } from '../datasets/flights.ts'
import type { Scale } from '../datasets/scaled.ts'
import type { ShownStep } from './progress.ts'

const shown = (title: string, step: () => Promise<Step>, signal: AbortSignal): ShownStep => ({
  title,
  work: async (progress) => ((await doStep(await step(), { progress, signal })) ? undefined : 'as before'),
})

/** What `npm run build` does. */
export function buildSteps(signal: AbortSignal): ShownStep[] {
  return [
    {
      title: 'Look for Go, Python, a C compiler and make',
      work: async () => void (await checkPrerequisites(signal)),
    },
    shown(scenarioBundles.title, async () => scenarioBundles, signal),
    shown(k6.title, async () => k6, signal),
    shown(nullServer.title, async () => nullServer, signal),
    shown(distance.title, async () => distance, signal),
    shown(pythonEnvironment.title, async () => pythonEnvironment, signal),
    shown('Compile the Postgres extension', pgml, signal),
  ]
}

/** What measuring needs where no target is ours. */
export const measuringSteps = (signal: AbortSignal): ShownStep[] => [
  { title: 'Look for Go', work: async () => void (await checkPrerequisites(signal, ['Go'])) },
  shown(k6.title, async () => k6, signal),
  shown(nullServer.title, async () => nullServer, signal),
  shown(distance.title, async () => distance, signal),
]

/** The flights in another number. */
export const scaling = (scale: Scale, signal: AbortSignal): ShownStep =>
  shown('Scale the flights', () => prepareScaled(scale), signal)

export const bundledFlights = (signal: AbortSignal): ShownStep =>
  shown('Prepare the flights', prepareFlights, signal)

/** Building, and the flights. */
export const setupSteps = (signal: AbortSignal): ShownStep[] => [
  ...buildSteps(signal),
  bundledFlights(signal),
]

/** What Python's lean training needs besides. */
export const packagesOfTraining = (signal: AbortSignal): ShownStep =>
  shown('Install what reads rows for training', trainingPackages, signal)

/** What training needs: neither k6 nor scenarios. */
export const trainingSetup = (signal: AbortSignal): ShownStep[] => [
  {
    title: 'Look for Python, a C compiler and make',
    work: async () => void (await checkPrerequisites(signal, ['Python', 'a C compiler', 'make'])),
  },
  shown(pythonEnvironment.title, async () => pythonEnvironment, signal),
  shown('Compile the Postgres extension', pgml, signal),
  packagesOfTraining(signal),
]
