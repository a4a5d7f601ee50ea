export { codejailDoor, type CodejailDoorOptions } from './codejail-door.ts';
export { codejailSettings } from './codejail-settings.ts';
