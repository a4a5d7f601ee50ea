// Never gives the event loop back.
for (;;);
