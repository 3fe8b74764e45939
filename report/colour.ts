/** Colour only for eyes: picocolors alone would colour the logs of CI as well, where every column then counts its escapes. */
import pc from 'picocolors'

export const colour = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported)
