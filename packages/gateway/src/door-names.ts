/** The doors for clients of other services; each may be opened to requests without a key. */
export const doorNames = ['codejail', 'codebox'] as const;

export type DoorName = (typeof doorNames)[number];
