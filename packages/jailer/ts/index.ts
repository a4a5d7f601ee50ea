export { JailerError, type JailerFailure } from './jailer-error.ts';
export { readFeatures } from './read-features.ts';
export { readProgramBytes, readProgramVersion } from './spawn-jailer.ts';
export { startJailer, type StartJailerOptions } from './start-jailer.ts';
export type * from './types.ts';
