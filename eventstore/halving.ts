/**
 * The least number, up to `high`, from which on nothing lies before what is looked for. `before(n)` looks at the
 * first thing that is numbered n or more, and answers its number if it still lies before that.
 */
export const halving = async (
  high: number,
  before: (n: number) => Promise<number | undefined>,
): Promise<number> => {
  let low = 0
  let end = high
  while (low < end) {
    const middle = low + Math.floor((end - low) / 2)
    const found = await before(middle)
    if (found === undefined) end = middle
    else low = found + 1
  }
  return low
}
