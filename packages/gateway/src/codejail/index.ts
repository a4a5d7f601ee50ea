export { codejailDoor, type CodejailDoorOptions } from './codejail-door.ts';
export { codejailSettings } from './codejail-settings.ts';
export { problemReply as codejailProblemReply } from './reply.ts';
export { codeExec as codejailPath } from './routes.ts';
