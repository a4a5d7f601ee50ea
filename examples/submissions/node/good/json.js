// Reads JSON from standard input and prints the mean of a field.
const { readFileSync } = require('node:fs');

const { scores } = JSON.parse(readFileSync(0, 'utf8'));
console.log(scores.reduce((sum, score) => sum + score, 0) / scores.length);
