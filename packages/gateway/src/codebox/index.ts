export { codeboxDoor } from './codebox-door.ts';
export type { CodeboxOptions } from './codebox-options.ts';
export { codeboxSettings } from './codebox-settings.ts';
