export { codeboxDoor } from './codebox-door.ts';
export type { CodeboxOptions } from './codebox-options.ts';
