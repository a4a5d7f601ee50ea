export { type GatewayConfig, type GatewaySettings, readGatewayConfig } from './config.ts';
export type { DoorContext } from './door-context.ts';
export { type ApiKey, type KeyCeilings, type KeyRate, type Scope, scopes } from './keys/api-key.ts';
export { readKeyFile, writeKeyFile } from './keys/key-file.ts';
export { makeKey } from './keys/make-key.ts';
export { type GatewayOptions, type RunningGateway, startGateway } from './start-gateway.ts';
