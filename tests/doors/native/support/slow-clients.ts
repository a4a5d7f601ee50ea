import { connect, type Socket } from 'node:net';

// A program: opens many connections from many addresses of this machine, and says one byte on each now and then. Arguments: port, how many.
// Each line that it prints is what became of them: {"open":9000,"cut":12}.

const [port = 0, wanted = 0] = process.argv.slice(2).map(Number);
const head = 'POST /v1/jobs HTTP/1.1\r\nHost: localhost\r\nX-Slow: ';
const openEachTick = 250;
const tickMs = 25;
const pauseMs = 3000;

const open = new Set<Socket>();
let begun = 0;
let cut = 0;

function addressOf(index: number): string {
  return `127.${1 + Math.floor(index / 62_500)}.${Math.floor(index / 250) % 250}.${1 + (index % 250)}`;
}

function begin(): void {
  const socket = connect({ port, host: '127.0.0.1', localAddress: addressOf(begun), noDelay: true });
  begun += 1;
  socket.on('error', () => {});
  socket.on('connect', () => {
    open.add(socket);
    socket.write(head);
  });
  socket.on('close', () => {
    open.delete(socket);
    cut += 1;
  });
  socket.resume();
}

const beginning = setInterval(() => {
  for (let count = 0; count < openEachTick && begun < wanted; count += 1) begin();
  if (begun === wanted) clearInterval(beginning);
}, tickMs);
setInterval(() => {
  for (const socket of open) socket.write('x');
}, pauseMs);
setInterval(() => process.stdout.write(`${JSON.stringify({ open: open.size, cut })}\n`), 100);
