/** Undefined for what is no JSON: whoever wrote it was free to. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
