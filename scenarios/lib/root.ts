/** Of a bundle's file, or of this one. @param address where this module is @returns the checkout's folder, from there */
export const rootFrom = (address: string) => (address.endsWith('/lib/root.ts') ? '../../' : '../')

/**
 * The checkout's folder as `open()` must name it. k6 opens files relative to the module that calls it: a bundle lies one
 * folder below the root, this folder two.
 */
export const root = rootFrom(import.meta.resolve('./root.ts'))
