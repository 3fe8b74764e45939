/**
 * The checkout's folder as `open()` must name it. k6 opens files relative to the module that calls it: a bundle lies one
 * folder below the root, this folder two.
 */
export const root = import.meta.resolve('./root.ts').endsWith('/lib/root.ts') ? '../../' : '../'
