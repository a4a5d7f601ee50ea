import { describe, expect, it } from 'vitest';
import { isLoopback, parseListen, renderOrigin } from '../../src/http/listen.ts';

describe('where to listen', () => {
  it.each([
    ['127.0.0.1:8580', { host: '127.0.0.1', port: 8580 }, 'http://127.0.0.1:8580'],
    ['localhost:0', { host: 'localhost', port: 0 }, 'http://localhost:0'],
    ['[::1]:80', { host: '::1', port: 80 }, 'http://[::1]:80'],
  ])('is read from %s', (text, listen, origin) => {
    expect(parseListen(text)).toEqual(listen);
    expect(renderOrigin(listen)).toBe(origin);
  });

  it.each(['', '8580', ':8580', '::1:80', 'a:b', 'a:65536', 'a b:80', 'http://a:80'])('is not read from %j', (text) => {
    expect(parseListen(text)).toBeNull();
  });

  it.each(['127.0.0.1', '127.8.9.1', '::1', 'localhost'])('is this machine alone with %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.example.org', 'localhost.example.org'])('is not with %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
