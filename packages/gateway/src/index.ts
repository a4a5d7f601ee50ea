export type { DoorContext } from './door-context.ts';
