/** Where a value stands in its text: `text.slice(start, end)` is the value as it was written. */
export interface PythonJsonSpan {
  readonly start: number;
  readonly end: number;
}

/** One member of an object, in the order of the text; a key may come twice, and then the last one counts. */
export interface PythonJsonMember {
  readonly key: string;
  readonly value: PythonJson;
}

export interface PythonJsonObject extends PythonJsonSpan {
  readonly kind: 'object';
  /** Empty below the depth to which nodes were asked for. */
  readonly members: readonly PythonJsonMember[];
}

export interface PythonJsonArray extends PythonJsonSpan {
  readonly kind: 'array';
  /** Empty below the depth to which nodes were asked for. */
  readonly items: readonly PythonJson[];
}

export interface PythonJsonString extends PythonJsonSpan {
  readonly kind: 'string';
  /** The decoded text; it may hold lone surrogates, which Python's dialect allows. */
  readonly value: string;
}

export interface PythonJsonNumber extends PythonJsonSpan {
  readonly kind: 'number';
  /** Whether Python reads a float (the number has a fraction or an exponent) and not an int. */
  readonly isFloat: boolean;
}

export type PythonJsonConstantName = 'null' | 'true' | 'false' | 'NaN' | 'Infinity' | '-Infinity';

export interface PythonJsonConstant extends PythonJsonSpan {
  readonly kind: 'constant';
  readonly name: PythonJsonConstantName;
}

/** A value of a JSON text in Python's dialect, with its place in the text. */
export type PythonJson = PythonJsonObject | PythonJsonArray | PythonJsonString | PythonJsonNumber | PythonJsonConstant;

/** What a text may be. CPython's own bounds, but for the depth, which there hangs on how deep the caller's stack is already (about 990). */
export const pythonJsonBounds = {
  /** Arrays and objects inside one another. */
  depth: 900,
  /** Digits of an int. */
  intDigits: 4300,
} as const;
