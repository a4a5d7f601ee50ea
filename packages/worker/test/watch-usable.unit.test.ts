import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { watchUsable } from '../src/watch-usable.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('a worker none of whose slots can be used', () => {
  test('is given up after the grace, counted from the moment when the last one was lost', () => {
    const onNone = vi.fn<() => void>();
    const watch = watchUsable(60_000, onNone);
    watch.update(1);
    watch.update(0);
    vi.advanceTimersByTime(59_000);
    watch.update(0);
    expect(onNone).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1000);
    expect(onNone).toHaveBeenCalledOnce();
  });

  test('is not when a slot came back in time, or when it closed', () => {
    const onNone = vi.fn<() => void>();
    const watch = watchUsable(60_000, onNone);
    watch.update(0);
    vi.advanceTimersByTime(59_000);
    watch.update(1);
    vi.advanceTimersByTime(60_000);
    watch.update(0);
    watch.close();
    vi.advanceTimersByTime(60_000);
    expect(onNone).not.toHaveBeenCalled();
  });
});
