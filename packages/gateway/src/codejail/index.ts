export { codejailDoor, type CodejailDoorOptions } from './codejail-door.ts';
