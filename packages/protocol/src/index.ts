export * from './bytes.ts';
export * from './errors.ts';
export * from './file-tree.ts';
export * from './job.ts';
export * from './outcome.ts';
export * from './relative-path.ts';
export * from './result.ts';
