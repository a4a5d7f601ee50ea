export * from './limits.ts';
export * from './profile.ts';
