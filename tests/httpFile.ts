/** A request of a `.http` file, with its variables still in it. */
export interface FiledRequest {
  readonly title: string
  readonly name: string
  readonly expected: number
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | undefined
}

export interface HttpFile {
  readonly variables: Readonly<Record<string, string>>
  readonly requests: readonly FiledRequest[]
}

/** Reads a `.http` file: variables, and requests that are separated by `###` and say what status they expect. */
export const parseHttpFile = (text: string): HttpFile => {
  const [head = '', ...sections] = text.split(/^(?=###)/m)
  const variables = Object.fromEntries(
    [...head.matchAll(/^@(\w+) = (.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  // A title of several lines is several sections, all but the last of them empty.
  const requests = sections.filter((section) => /^[A-Z]+ /m.test(section.replaceAll(/^#.*$/gm, '')))
  return { variables, requests: requests.map(requestIn) }
}

const requestIn = (section: string): FiledRequest => {
  const title = /^###(.*)$/m.exec(section)?.[1]?.trim() ?? ''
  const said = (what: RegExp): string => {
    const found = what.exec(section)?.[1]
    if (found === undefined) throw new Error(`"${title}" does not say ${what.source}`)
    return found
  }
  const [head = '', ...rest] = section
    .replaceAll(/^#.*\n/gm, '')
    .trim()
    .split('\n\n')
  const [line = '', ...headers] = head.split('\n')
  const [method = '', url = ''] = line.split(' ')
  return {
    title,
    name: said(/^# @name (\w+)$/m),
    expected: Number(said(/^# expect (\d{3})$/m)),
    method,
    url,
    headers: Object.fromEntries(
      headers.map((header) => {
        const [name = '', ...value] = header.split(': ')
        return [name, value.join(': ')]
      }),
    ),
    body: rest.length > 0 ? rest.join('\n\n') : undefined,
  }
}

/** Fills in `{{…}}`; throws for what there is no value of. */
export const filled = (text: string, valueOf: (name: string) => string | undefined): string =>
  text.replaceAll(/\{\{(.+?)\}\}/g, (_, name: string) => {
    const value = valueOf(name)
    if (value === undefined) throw new Error(`there is no {{${name}}}`)
    return value
  })
