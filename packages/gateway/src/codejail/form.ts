/** A field of a form that holds a text, or an uploaded file. */
export type FormPart =
  | { readonly kind: 'field'; readonly name: string; readonly bytes: Buffer }
  | { readonly kind: 'file'; readonly name: string; readonly bytes: Buffer };

/** What the door reads of a form. */
export interface Form {
  /** The last field named `payload`, as it was sent; null without one. */
  readonly payload: string | null;
  /** Uploaded files by the name of their part; of several with one name, the last. */
  readonly files: ReadonlyMap<string, Buffer>;
}
