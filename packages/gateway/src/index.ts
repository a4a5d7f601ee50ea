export { type GatewayConfig, type GatewaySettings, readGatewayConfig } from './config.ts';
export type { DoorContext } from './door-context.ts';
export { type ApiKey, apiKeySchema, type KeyCeilings, type KeyRate, type Scope, scopes } from './keys/api-key.ts';
export { readKeyFile, updateKeyFile } from './keys/key-file.ts';
export { type KeyWish, makeKey } from './keys/make-key.ts';
export { runUntilStopped } from './run-until-stopped.ts';
export { type GatewayOptions, type RunningGateway, startGateway } from './start-gateway.ts';
