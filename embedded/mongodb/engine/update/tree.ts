import { elementsOf } from '../../bson/codec.ts'
import { ElementReader } from '../../bson/element-reader.ts'
import { BsonType, type RawDocument, type RawValue } from '../../bson/types.ts'
import { arrayValue, documentValue, nullValue } from '../../bson/values.ts'
import { BsonWriter } from '../../bson/writer.ts'
import { MongoError } from '../../errors.ts'

/** How far behind the end of an array an element may be set: what lies between becomes null. */
const longestPadding = 1_500_000

/** A value in a document that is being changed: bytes, until something below it is touched. */
export type Node = RawValue | ObjectNode | ArrayNode
export type Container = ObjectNode | ArrayNode

/** A document that has been opened: its fields in their order, each with its own bytes until it is opened too. */
export class ObjectNode {
  readonly fields = new Map<string, Node>()

  static of(document: RawDocument, start = 0): ObjectNode {
    const node = new ObjectNode()
    const reader = new ElementReader(document, start)
    while (reader.next()) node.fields.set(reader.name(), reader.value())
    return node
  }

  get(name: string): Node | undefined {
    return this.fields.get(name)
  }

  canHold(): boolean {
    return true
  }

  set(name: string, value: Node): void {
    this.fields.set(name, value)
  }

  remove(name: string): void {
    this.fields.delete(name)
  }

  /** `capacity` is how many bytes it will probably be. */
  bytes(capacity?: number): RawDocument {
    const out = new BsonWriter(capacity)
    for (const [name, node] of this.fields) out.value(name, valueOf(node))
    return out.finish()
  }
}

/** An array that has been opened. Its fields are places. */
export class ArrayNode {
  items: Node[]

  constructor(items: readonly Node[]) {
    this.items = [...items]
  }

  get(place: string): Node | undefined {
    return this.canHold(place) ? this.items[Number(place)] : undefined
  }

  canHold(place: string): boolean {
    return /^(0|[1-9]\d*)$/.test(place)
  }

  set(place: string, value: Node): void {
    const position = Number(place)
    if (position - this.items.length > longestPadding)
      throw new MongoError('BadValue', `can't backfill more than ${longestPadding} elements`)
    while (this.items.length < position) this.items.push(nullValue)
    this.items[position] = value
  }

  /** The places of the others stay what they are. */
  remove(place: string): void {
    this.items[Number(place)] = nullValue
  }

  bytes(): RawDocument {
    const out = new BsonWriter()
    this.items.forEach((node, i) => out.value(String(i), valueOf(node)))
    return out.finish()
  }
}

export function isContainer(node: Node | undefined): node is Container {
  return node instanceof ObjectNode || node instanceof ArrayNode
}

/** The field as a container that can be changed, or undefined if it holds none. */
export function opened(parent: Container, name: string): Container | undefined {
  const node = parent.get(name)
  if (node === undefined || isContainer(node)) return node
  if (node.type !== BsonType.object && node.type !== BsonType.array) return undefined
  const open =
    node.type === BsonType.object ? ObjectNode.of(node.bytes, node.start) : new ArrayNode(elementsOf(node))
  parent.set(name, open)
  return open
}

export function valueOf(node: Node): RawValue {
  if (node instanceof ObjectNode) return documentValue(node.bytes())
  if (node instanceof ArrayNode) return arrayValue(node.bytes())
  return node
}

/** The document with a value set at a path, and documents made where there are none on the way. */
export function setAt(document: RawDocument, path: readonly string[], value: RawValue): RawDocument {
  const root = ObjectNode.of(document)
  let parent: Container = root
  for (const segment of path.slice(0, -1)) {
    let inner = opened(parent, segment)
    if (inner === undefined) parent.set(segment, (inner = new ObjectNode()))
    parent = inner
  }
  parent.set(path.at(-1) ?? '', value)
  return root.bytes()
}
