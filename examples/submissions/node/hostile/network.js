// Tries to reach a server and to be one.
const net = require('node:net');

net.createServer().on('error', () => console.log('cannot listen')).listen(8080, '127.0.0.1', () => console.log('listens'));
net.connect(80, '127.0.0.1').on('error', () => console.log('cannot connect')).on('connect', () => console.log('connected'));
