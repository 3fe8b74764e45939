import { world } from './world.ts'

export default {
  vu: { idInInstance: 1, idInTest: 1, metrics: { tags: {} as Record<string, string> } },
  test: {
    options: {} as { executionSegment?: string | null; executionSegmentSequence?: string | null },
    abort: (reason: string) => {
      world.aborted = reason
      throw new Error(reason)
    },
  },
}
