/**
 * What may be logged of an error that a logger has made a record of: its texts, numbers and truth values. Objects are left out: an error of
 * Redis carries the command that failed, with the password of the connection or with what a job holds.
 */
export function loggableFields(record: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value === null || typeof value !== 'object'));
}
