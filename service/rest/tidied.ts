type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectsIn = (value: unknown): readonly Json[] =>
  isObject(value) ? Object.values(value).filter(isObject) : []

/** Headers as people write them; schemas know them in lower case, as Node does. */
const NAMES: Readonly<Record<string, string>> = {
  'x-request-id': 'X-Request-ID',
  'x-consistency-token': 'X-Consistency-Token',
  'idempotency-key': 'Idempotency-Key',
}

const OPTIONAL = 'x-fastify-zod-openapi-optional'

/**
 * Puts right, in place, what the two libraries that make the document leave between them: headers of answers whose
 * schema was wrapped twice, bodies that need not be there, names of headers.
 */
export const tidied = <D extends object>(document: D): D => {
  for (const path of objectsIn('paths' in document ? document.paths : undefined))
    for (const operation of objectsIn(path)) {
      const { parameters, requestBody, responses } = operation
      if (Array.isArray(parameters)) parameters.filter(isObject).forEach(nameHeader)
      if (isObject(requestBody)) tidyBody(requestBody)
      for (const { headers } of objectsIn(responses)) objectsIn(headers).forEach(unwrapHeader)
    }
  return document
}

const nameHeader = (parameter: Json) => {
  const { in: place, name } = parameter
  if (place === 'header' && typeof name === 'string') parameter['name'] = NAMES[name] ?? name
}

const tidyBody = (body: Json) => {
  for (const { schema } of objectsIn(body['content'])) {
    if (!isObject(schema)) continue
    if (schema[OPTIONAL] === true) body['required'] = false
    delete schema[OPTIONAL]
  }
}

const unwrapHeader = (header: Json) => {
  const { schema } = header
  if (isObject(schema) && isObject(schema['schema'])) Object.assign(header, schema)
}
