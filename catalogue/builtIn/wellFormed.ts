/** For tests: an element of a document that was read strictly. */
export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly (XmlElement | string)[]
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

const token =
  /<(?<close>\/)?(?<name>[A-Za-z_][\w.-]*)(?<attributes>(?:\s+[A-Za-z_][\w.-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>\/)?>|(?<text>[^<]+)/uy

const allowed = /^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u

const textOf = (raw: string): string => {
  if (raw.includes(']]>')) throw new Error('not well-formed: ]]> in text')
  return raw.replace(/&(?:([a-z]+);)?/g, (reference: string, name: string | undefined) => {
    const character = name === undefined ? undefined : entities[name]
    if (character === undefined) throw new Error(`not well-formed: ${reference} is no entity`)
    return character
  })
}

const attributesOf = (raw: string): Readonly<Record<string, string>> => {
  const attributes: Record<string, string> = {}
  for (const [, name = '', quoted = ''] of raw.matchAll(/([\w.-]+)\s*=\s*("[^"]*"|'[^']*')/g)) {
    if (Object.hasOwn(attributes, name)) throw new Error(`not well-formed: ${name} twice`)
    attributes[name] = textOf(quoted.slice(1, -1))
  }
  return attributes
}

interface Open extends XmlElement {
  readonly children: (XmlElement | string)[]
}

/**
 * Reads the part of XML that our pictures are written in: elements, attributes, text and the five entities. Throws for
 * whatever isn't well-formed, and for what is but has no place in them (declarations, comments, instructions, CDATA).
 */
export const parseXml = (document: string): XmlElement => {
  if (!allowed.test(document)) throw new Error('not well-formed: a character that XML does not have')
  const top: Open = { name: '', attributes: {}, children: [] }
  const open: [Open, ...Open[]] = [top]
  token.lastIndex = 0
  while (token.lastIndex < document.length) {
    const at = token.lastIndex
    const groups = token.exec(document)?.groups
    if (!groups) throw new Error(`not well-formed at ${at}: ${document.slice(at, at + 40)}`)
    const { close, name, attributes, empty, text } = groups
    const parent = open.at(-1) ?? top
    if (name === undefined) {
      if (parent === top && text?.trim()) throw new Error('not well-formed: text outside')
      if (parent !== top) parent.children.push(textOf(text ?? ''))
    } else if (close === undefined) {
      const element: Open = { name, attributes: attributesOf(attributes ?? ''), children: [] }
      parent.children.push(element)
      if (empty === undefined) open.push(element)
    } else if (parent.name !== name || attributes || empty) {
      throw new Error(`not well-formed: </${name}> ends <${parent.name}>`)
    } else open.pop()
  }
  const [root, ...others] = top.children
  if (open.length > 1 || others.length > 0 || typeof root !== 'object')
    throw new Error('not well-formed: not one whole element')
  return root
}

/** An element and all within it. */
export const elementsOf = (element: XmlElement): readonly XmlElement[] => [
  element,
  ...element.children.flatMap((child) => (typeof child === 'string' ? [] : elementsOf(child))),
]
