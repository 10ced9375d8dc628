/** One member of a JSON object, as it is written: `start` and `end` are those of its value in the text. */
export interface JsonMember {
  readonly key: string
  readonly start: number
  readonly end: number
}

const token = /"(?:[^"\\]|\\.)*"|[[\]{},:]|[^\s[\]{},:"]+/gu

/**
 * The members of a JSON object, for those who need the text of a value: a parser turns numbers into doubles and
 * forgets how everything else was written. Undefined if the text is no JSON object.
 */
export function jsonMembers(text: string): readonly JsonMember[] | undefined {
  if (!isObjectText(text)) return undefined
  const members: JsonMember[] = []
  let depth = 0
  let key: string | undefined
  let start: number | undefined
  let end = 0
  for (const match of text.matchAll(token)) {
    const [found] = match
    const at = match.index
    const closesValue = depth === 1 && (found === ',' || found === '}')
    if (closesValue && key !== undefined && start !== undefined) {
      members.push({ key, start, end })
      key = undefined
      start = undefined
    }
    if (depth === 1 && !closesValue && found !== ':') {
      if (key === undefined) key = String(JSON.parse(found))
      else start ??= at
    }
    if (found === '{' || found === '[') depth += 1
    else if (found === '}' || found === ']') depth -= 1
    end = at + found.length
  }
  return members
}

/** The same object with another value for a key, every other byte as it was. */
export function withJsonMember(text: string, key: string, value: string): string {
  const members = jsonMembers(text)
  if (members === undefined) return `{${JSON.stringify(key)}:${value}}`
  // Of a key that occurs twice the last one counts.
  const present = members.findLast((member) => member.key === key)
  if (present !== undefined) return text.slice(0, present.start) + value + text.slice(present.end)
  const last = members.at(-1)
  const at = last === undefined ? text.indexOf('{') + 1 : last.end
  const separator = last === undefined ? '' : ','
  return `${text.slice(0, at)}${separator}${JSON.stringify(key)}:${value}${text.slice(at)}`
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}
