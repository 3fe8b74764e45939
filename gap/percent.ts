/** A share as people read it: `12.5 %`. @param digits that count */
export const percentInWords = (share: number, digits = 3): string =>
  `${Number((share * 100).toPrecision(digits))} %`
