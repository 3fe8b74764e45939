declare module 'fs-native-extensions' {
  /** An exclusive lock of the kernel's on an open file. @returns false where somebody else holds one */
  export function tryLock(descriptor: number): boolean
}
